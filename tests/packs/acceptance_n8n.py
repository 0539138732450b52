"""The package in a real n8n, against a real Milepost: ``python -m tests.packs.acceptance_n8n``.

Takes two minutes, and the first time six more for n8n itself, which is kept (three gigabytes).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from tests.acceptance.servers import API_KEY, Server, running_server, session
from tests.packs.n8n_package import SOURCES, build, install_engine
from tests.packs.n8n_server import N8n, install, kept_folder, running, wait_until
from tests.postgresql import running_postgresql

CREDENTIAL = "Milepost account"
TYPE = "milepostApi"
TICKETS, NEWS = "solvedtickets001", "newsofawards0001"


@dataclass
class World:
    """The two servers."""

    n8n: N8n
    milepost: Server

    def tell(self, method: str, path: str, document: Any = None) -> Any:
        """Call Milepost without n8n."""
        answer = session().request(method, self.milepost.url + path, json=document, timeout=30)
        return answer.json() if answer.content else None

    def places(self) -> list[dict[str, Any]]:
        """Give the subscriptions that Milepost has."""
        found: list[dict[str, Any]] = self.tell("GET", "/v1/subscriptions")["items"]
        return found

    def switch(self, verb: str, workflow: str) -> None:
        """Activate or deactivate a workflow; n8n does it in the background."""
        version = self.n8n.ask("GET", f"/rest/workflows/{workflow}")["versionId"]
        self.n8n.ask("POST", f"/rest/workflows/{workflow}/{verb}", {"versionId": version})


def ticket(number: int) -> dict[str, object]:
    """Give what a helpdesk would post."""
    return {
        "agent": "ana@example.com",
        "ticket": number,
        "within_sla": True,
        "solved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def a_posted_ticket_is_told_and_answered(world: World) -> None:
    """See that the first unlocks something, the second says how far, and both are recorded."""
    address = f"{world.n8n.url}/webhook/milepost-ticket-solved"
    answers: list[requests.Response] = []

    def is_taken() -> bool:
        answers.append(requests.post(address, json=ticket(1), timeout=60))
        return answers[-1].status_code != 404

    world.switch("activate", TICKETS)
    wait_until(is_taken, "the webhook is there")
    assert answers[-1].ok, answers[-1].text
    assert "First Clean Solve" in answers[-1].json()["text"], answers[-1].text
    second = requests.post(address, json=ticket(2), timeout=60).json()
    assert "Clean Close" in second["text"], second
    event = world.tell("GET", "/v1/events/ticket-1-solved")
    assert event["actor"] == "ana@example.com", event
    awards = world.tell("GET", "/v1/awards?actor=ana@example.com")["items"]
    assert [one["achievement"] for one in awards] == ["first-clean-solve"], awards


def the_test_of_a_credential_tells_right_from_wrong(world: World) -> None:
    """Try a good key, a wrong one, an address where nobody is, and one of another program."""
    good = {"baseUrl": world.milepost.url, "apiKey": API_KEY}
    cases = {
        "OK": good,
        "wrong key": {**good, "apiKey": "mp_wrong"},
        "dead": {**good, "baseUrl": "http://127.0.0.1:9"},
        "another program": {**good, "baseUrl": world.n8n.url + "/healthz"},
    }
    for name, data in cases.items():
        credentials = {"id": "milepostaccount1", "name": CREDENTIAL, "type": TYPE, "data": data}
        found = world.n8n.ask("POST", "/rest/credentials/test", {"credentials": credentials})
        assert found["status"] == ("OK" if name == "OK" else "Error"), (name, found)
        print(f"    {name}: {found['message']}")


def a_trigger_has_a_place_while_it_is_active(world: World) -> None:
    """Activate, see an award start the workflow and a forged call not, deactivate."""
    assert world.places() == []
    world.switch("activate", NEWS)
    wait_until(world.places, "the activated workflow has a place")
    (place,) = world.places()
    assert place["events"] == ["achievement.awarded"], place
    world.tell("POST", "/v1/awards", {"achievement": "clean-close", "actor": "ben@example.com"})
    wait_until(lambda: executions(world), "the award started the workflow")
    wait_until(lambda: executions(world)[0]["status"] == "success", "the workflow succeeded")
    webhook = json.loads((SOURCES / "examples" / "news-of-awards.json").read_text("utf-8"))["nodes"][0]["webhookId"]
    forged = requests.post(
        f"{world.n8n.url}/webhook/{webhook}/webhook", json={"type": "achievement.awarded"}, timeout=60
    )
    assert (forged.status_code, len(executions(world))) == (401, 1), forged.text
    world.switch("deactivate", NEWS)
    wait_until(lambda: not world.places(), "the deactivated workflow has none")


def executions(world: World) -> list[dict[str, Any]]:
    """Give the runs of the workflow with the trigger."""
    chosen = json.dumps({"workflowId": NEWS})
    answer = world.n8n.session.get(f"{world.n8n.url}/rest/executions", params={"filter": chosen}, timeout=30)
    found: list[dict[str, Any]] = answer.json()["data"]["results"]
    return found


STEPS: tuple[Callable[[World], None], ...] = (
    a_posted_ticket_is_told_and_answered,
    the_test_of_a_credential_tells_right_from_wrong,
    a_trigger_has_a_place_while_it_is_active,
)


@contextmanager
def world_of(folder: Path) -> Iterator[World]:
    """Build the package, start both servers, and bring in what people would paste."""
    install_engine()
    tarball = build(folder)
    with (
        running_postgresql() as postgresql,
        running_server(folder / "milepost.db", MILEPOST_ALLOWED_ADDRESSES="127.0.0.1") as milepost,
    ):
        session().post(f"{milepost.url}/v1/recipes/helpdesk-sla/install", json={"state": "live"}, timeout=30)
        home = folder / "home"
        home.mkdir()
        n8n = N8n(kept_folder(), home, postgresql.url)
        n8n.add_package(tarball)
        data = {"baseUrl": f"{milepost.url}/", "apiKey": API_KEY}
        n8n.bring("credentials", [{"id": "milepostaccount1", "name": CREDENTIAL, "type": TYPE, "data": data}])
        for name, key in (("solved-tickets", TICKETS), ("news-of-awards", NEWS)):
            workflow = json.loads((SOURCES / "examples" / f"{name}.json").read_text("utf-8"))
            n8n.bring("workflow", {**workflow, "id": key})
        with running(n8n):
            yield World(n8n, milepost)


def main() -> None:
    """Do one step after the other; the first that fails ends it with its words."""
    install(kept_folder())
    began = time.monotonic()
    with TemporaryDirectory() as folder, world_of(Path(folder)) as world:
        print(f"n8n runs after {time.monotonic() - began:.0f} seconds.")
        for step in STEPS:
            step(world)
            print(f"ok: {step.__name__.replace('_', ' ')} ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    main()
