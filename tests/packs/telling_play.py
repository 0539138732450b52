"""The workflow *tell people* in a real n8n: what Milepost tells becomes mail, each piece once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from milepost.delivery.signing import sign
from tests.acceptance.servers import API_KEY, Server
from tests.delivery.mail_receivers import Mail, MailReceiver
from tests.packs.n8n_server import N8n, wait_until
from tests.packs.n8n_world import call

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / "recipes" / "tell-people.n8n.json"
EXAMPLES = ROOT / "server" / "milepost" / "schemas" / "examples"
TRIGGER = "Milepost Trigger"

Json = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """The workflow as it runs, and the mailboxes behind it."""

    n8n: N8n
    milepost: Server
    mailbox: MailReceiver
    workflow_id: str
    #: Where n8n listens for news.
    address: str

    def call(self, method: str, path: str, document: Json | None = None) -> Any:
        """Call Milepost without n8n; it must succeed."""
        return call(self.milepost, method, path, document)

    def places(self) -> list[Json]:
        """Give the subscriptions that Milepost has for the workflow."""
        found: list[Json] = self.call("GET", f"/v1/subscriptions?url={self.address}")["items"]
        return found

    def mails_to(self, person: str) -> list[Mail]:
        """Give the mails that somebody got."""
        return [one for one in self.mailbox.mails if one.recipients == (person,)]

    def runs(self) -> list[str]:
        """Give how each run stands, the newest first."""
        return [one["status"] for one in self.n8n.executions(self.workflow_id)]

    def hand(self, news: Json) -> None:
        """Hand over a piece of news as Milepost does, and wait until the run of it is over."""
        before = len(self.runs())
        body = json.dumps(news).encode()
        headers = sign(body, message_id=news["id"], at=datetime.now(UTC), with_secrets=[self._secret()])
        answer = requests.post(
            self.address, data=body, headers={**headers, "Content-Type": "application/json"}, timeout=30
        )
        assert answer.ok, answer.text
        self.n8n.ended(self.workflow_id, before + 1)

    def _secret(self) -> str:
        """Give what n8n keeps to know Milepost by."""
        workflow = self.n8n.ask("GET", f"/rest/workflows/{self.workflow_id}")
        return str(workflow["staticData"][f"node:{TRIGGER}"]["secret"])


def play_telling(n8n: N8n, milepost: Server) -> None:
    """See that the right people get mail, once, and that no run fails.

    Milepost has the recipe helpdesk-sla, live, and may call n8n.
    """
    with stage(n8n, milepost) as running:
        _an_award_and_its_correction_come_to_the_person(running)
        _who_has_no_mailbox_fails_no_run(running)
        _a_digest_comes_to_the_manager_once(running)
        assert set(running.runs()) == {"success"}, running.runs()


@contextmanager
def stage(n8n: N8n, milepost: Server) -> Iterator[Stage]:
    """Run the workflow with a mail server of its own; deactivate it with the block."""
    with MailReceiver() as mailbox:
        document = json.loads(WORKFLOW.read_text("utf-8"))
        made = _credentials(n8n, milepost, mailbox)
        for node in document["nodes"]:
            for kind, wanted in node.get("credentials", {}).items():
                node["credentials"][kind] = {**wanted, "id": made[kind]}
        (trigger,) = [one for one in document["nodes"] if one["name"] == TRIGGER]
        address = f"{n8n.url}/webhook/{trigger['webhookId']}/webhook"
        running = Stage(n8n, milepost, mailbox, n8n.add_workflow(document), address)
        n8n.switch("activate", running.workflow_id)
        try:
            wait_until(running.places, "Milepost knows where to send")
            yield running
        finally:
            n8n.switch("deactivate", running.workflow_id)
        wait_until(lambda: not running.places(), "Milepost has forgotten the place")


def _credentials(n8n: N8n, milepost: Server, mailbox: MailReceiver) -> dict[str, str]:
    """Make the credentials that the workflow names; give their ids by type."""
    mail = {"user": "", "password": "", "host": "127.0.0.1", "port": mailbox.port}
    data: dict[str, Json] = {
        "milepostApi": {"baseUrl": milepost.url, "apiKey": API_KEY},
        "smtp": {**mail, "secure": False, "disableStartTls": True},
    }
    return {kind: n8n.add_credential(f"{kind} {uuid4()}", kind, fields) for kind, fields in data.items()}


def _an_award_and_its_correction_come_to_the_person(running: Stage) -> None:
    number = uuid4().hex
    person, manager, ticket = f"{number}@example.com", f"boss-{number}@example.com", f"ticket-{number}"
    running.call("PUT", f"/v1/actors/{person}", {"name": "Ana Diaz", "manager": manager})
    solved = {"type": "ticket.solved", "subject": ticket, "actor": person, "properties": {"within_sla": True}}
    told = running.call("POST", "/v1/evaluate", {**solved, "id": f"{ticket}-solved", "occurred_at": _ago(minutes=2)})
    (award,) = told["awards"]
    wait_until(lambda: running.mails_to(person), "the award came by mail")
    _says(running.mails_to(person)[0], f"You earned {award['name']}", award["message"], award["next_step"])
    reopened = {"type": "ticket.reopened", "subject": ticket, "id": f"{ticket}-reopened"}
    running.call("POST", "/v1/evaluate", {**reopened, "occurred_at": _ago(minutes=1)})
    wait_until(lambda: len(running.mails_to(person)) > 1, "the correction came by mail")
    _says(running.mails_to(person)[1], f"Correction: {award['name']}", "no longer counts.", ticket)
    assert running.mails_to(manager) == [], "single awards are the person's own"


def _who_has_no_mailbox_fails_no_run(running: Stage) -> None:
    award = json.loads((EXAMPLES / "achievement.awarded.json").read_text("utf-8"))
    before = len(running.mailbox.mails)
    for kind, actor in (("actor", "ben"), ("actor", "ben@example.com, kim@example.com"), ("team", None)):
        data = {**award["data"], "holder_kind": kind, "actor": actor}
        running.hand({**award, "id": f"nw_{uuid4().hex}", "data": data})
    assert running.mailbox.mails[before:] == []


def _a_digest_comes_to_the_manager_once(running: Stage) -> None:
    digest = json.loads((EXAMPLES / "digest.ready.json").read_text("utf-8"))
    manager = f"{uuid4().hex}@example.com"
    title = "Your week of 2 to 8 March"
    data = {**digest["data"], "recipient": manager, "title": title}
    news = {**digest, "id": f"nw_{uuid4().hex}", "data": data}
    running.hand(news)
    (mail,) = running.mails_to(manager)
    (section,), (action,) = data["sections"], data["actions"]
    (line,) = section["lines"]
    _says(mail, title, section["heading"], line["text"], line["detail"], action["url"], data["footer"])
    before = len(running.mailbox.mails)
    running.hand(news)
    team = {**data, "recipient": "support", "recipient_kind": "team"}
    running.hand({**news, "id": f"nw_{uuid4().hex}", "data": team})
    assert running.mailbox.mails[before:] == []


def _says(mail: Mail, subject: str, *words: str) -> None:
    assert mail.message["Subject"] == subject, mail.content
    text = mail.message.get_content()
    missing = [one for one in words if one not in text]
    assert not missing, (missing, text)


def _ago(*, minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="seconds")
