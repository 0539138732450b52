"""Plays: a workflow of a recipe runs in a real n8n, with the vendor's part played by this project.

A play is a document in ``plays/``, named like its workflow: what the vendor's trigger emits, what the vendor answers
when it is asked, and the events that Milepost has in the end. ``plays/README.md`` describes it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from tests.acceptance.servers import API_KEY, Server
from tests.packs.n8n_server import RUN_SECONDS, N8n
from tests.packs.n8n_world import KIND, call, running_milepost
from tests.packs.vendor_stand_in import Vendor, running_vendor

ROOT = Path(__file__).parents[2]
PLAYS = Path(__file__).parent / "plays"
#: The trigger that emits, and what; without them it is the first trigger, and the whole is what it emits.
FROM, ITEM = "$from", "$item"

_HTTP_REQUEST, _WEBHOOK = "n8n-nodes-base.httpRequest", "n8n-nodes-base.webhook"
_STARTS_BY_ITSELF = re.compile(r"n8n-nodes-base\.(?!manual|error|executeWorkflow)\w*Trigger")
#: A host that is written, or one that an expression gives.
_HOST = re.compile(r"https://(?:[\w.-]|\{\{.*?\}\})+")


@dataclass(frozen=True)
class Start:
    """A node that a workflow starts with."""

    name: str
    #: Where what it emits is posted.
    path: str
    #: It is a trigger of a vendor; else it is the workflow's own webhook, which takes bodies as they are.
    is_played: bool


@dataclass(frozen=True)
class Staged:
    """A workflow as it is played."""

    document: Mapping[str, Any]
    starts: tuple[Start, ...]


def play(n8n: N8n, workflow: Path) -> list[str]:
    """Play a workflow by its play; give the calls that the vendor got. Fails with what is not as expected."""
    script = json.loads((PLAYS / workflow.name).read_text("utf-8"))
    store = n8n.home / f"{uuid4()}.db"
    with running_vendor() as vendor, running_milepost(store) as milepost:
        set_up(milepost, script)
        staged = stage(json.loads(workflow.read_text("utf-8")), vendor_url=vendor.url)
        workflow_id = n8n.add_workflow(with_credentials(n8n, staged.document, milepost.url))
        n8n.publish(workflow_id, *[start.path for start in staged.starts])
        for number, emitted in enumerate(script["emits"]):
            answers = script.get("vendor", {})
            vendor.answers = answers[number] if isinstance(answers, list) else answers
            emit(n8n, workflow_id, staged, emitted)
        n8n.switch("deactivate", workflow_id)
        compare(milepost, script["expect"], vendor)
    return vendor.asked


def set_up(milepost: Server, script: Mapping[str, Any]) -> None:
    """Install the recipe, and make the people known by the names that the vendor has for them."""
    call(milepost, "POST", f"/v1/recipes/{script['recipe']}/install", {"state": "live"})
    for actor, alias in script.get("aliases", {}).items():
        call(milepost, "PUT", f"/v1/actors/{actor}", {"aliases": {script["source"]: alias}})


def stage(workflow: Mapping[str, Any], *, vendor_url: str) -> Staged:
    """Put a webhook in place of each trigger of a vendor, and the stand-in in place of the vendor."""
    document: dict[str, Any] = deepcopy(dict(workflow))
    document["name"] = f"Play: {document['name']}"
    starts = []
    for node in list(document["nodes"]):
        if _STARTS_BY_ITSELF.fullmatch(node["type"]):
            starts.append(_play_trigger(document, node))
        elif node["type"] == _WEBHOOK:
            starts.append(Start(node["name"], node["parameters"]["path"], is_played=False))
    for node in document["nodes"]:
        if node["type"] == _HTTP_REQUEST:
            address, count = _HOST.subn(vendor_url, node["parameters"]["url"])
            assert count == 1, f"{node['name']}: no host to play in {node['parameters']['url']}"
            node["parameters"]["url"] = address
    assert starts, f"{workflow['name']} starts with nothing that can be played"
    return Staged(document, tuple(starts))


def _play_trigger(document: dict[str, Any], node: dict[str, Any]) -> Start:
    """Make a trigger a node that emits the items it is given by a webhook before it."""
    path = f"play-{uuid4()}"
    webhook = {
        "id": str(uuid4()),
        "name": f"Play {node['name']}",
        "type": _WEBHOOK,
        "typeVersion": 2.1,
        "position": [node["position"][0] - 220, node["position"][1]],
        "parameters": {"httpMethod": "POST", "path": path, "responseMode": "lastNode", "responseData": "allEntries"},
        "webhookId": str(uuid4()),
    }
    document["nodes"].append(webhook)
    document["connections"][webhook["name"]] = {"main": [[{"node": node["name"], "type": "main", "index": 0}]]}
    node.pop("credentials", None)
    node.pop("webhookId", None)
    node |= {"type": "n8n-nodes-base.splitOut", "typeVersion": 1}
    node["parameters"] = {"fieldToSplitOut": "body.items", "options": {}}
    return Start(node["name"], path, is_played=True)


def with_credentials(n8n: N8n, document: Mapping[str, Any], milepost_url: str) -> dict[str, Any]:
    """Make the credentials that a workflow names, and put them into it."""
    bound: dict[str, Any] = deepcopy(dict(document))
    made: dict[str, str] = {}
    for node in bound["nodes"]:
        for kind, wanted in node.get("credentials", {}).items():
            if kind not in made:
                data = {"baseUrl": milepost_url, "apiKey": API_KEY} if kind == KIND else _data_of(n8n, kind)
                made[kind] = n8n.add_credential(f"{wanted['name']} {uuid4()}", kind, data)
            node["credentials"][kind] = {"id": made[kind], "name": wanted["name"]}
    return bound


def _data_of(n8n: N8n, kind: str) -> dict[str, Any]:
    """Fill the fields of a credential of a vendor."""
    types = {one["name"]: one for one in n8n.session.get(f"{n8n.url}/types/credentials.json", timeout=60).json()}
    assert kind in types, f"n8n has no credential {kind}"
    wanted = [one for one in types[kind]["properties"] if one["type"] in {"string", "options", "boolean", "number"}]
    data = {one["name"]: one.get("default") or "play" for one in wanted if one["type"] == "string"}
    data |= {one["name"]: one.get("default") for one in wanted if one["type"] != "string"}
    if kind.endswith("OAuth2Api"):
        data["oauthTokenData"] = {"access_token": "play", "token_type": "Bearer"}
    return data


def emit(n8n: N8n, workflow_id: str, staged: Staged, emitted: Any) -> None:
    """Let a trigger emit one item, or a list of them, and see the run through."""
    start = staged.starts[0]
    if isinstance(emitted, dict) and FROM in emitted:
        (start,) = [one for one in staged.starts if one.name == emitted[FROM]]
        emitted = emitted[ITEM]
    before = len(n8n.executions(workflow_id))
    items = emitted if isinstance(emitted, list) else [emitted]
    body = {"items": items} if start.is_played else emitted
    answer = requests.post(f"{n8n.url}/webhook/{start.path}", json=body, timeout=RUN_SECONDS)
    run = n8n.ended(workflow_id, before + 1)[0]
    if run["status"] != "success":
        raise AssertionError(f"The run failed at {n8n.failure(run['id'])}\nemitted: {json.dumps(emitted)[:600]}")
    assert answer.ok, f"{answer.status_code} {answer.text[:600]}"


def compare(milepost: Server, expected: Mapping[str, Any], vendor: Vendor) -> None:
    """See that Milepost has just the events it should, and what they unlocked."""
    found = {one["id"]: one for one in events_of(milepost)}
    told = f"Milepost has {json.dumps(list(found.values()), indent=1)}\nThe vendor was asked {vendor.asked}"
    assert sorted(found) == sorted(one["id"] for one in expected["events"]), told
    for one in expected["events"]:
        properties = one.get("properties", {})
        event = found[one["id"]]
        seen = {key: event["properties"].get(key) for key in properties}
        assert {**{key: event[key] for key in one}, "properties": seen} == {**one, "properties": properties}, told
    if "unlocked" in expected:
        awards = call(milepost, "GET", "/v1/awards")["items"]
        assert sorted({one["achievement"] for one in awards}) == sorted(set(expected["unlocked"])), told


def events_of(milepost: Server) -> Iterator[dict[str, Any]]:
    """Give every event as it counts now, with every telling of it."""
    path = milepost.store.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        ids = [str(row[0]) for row in connection.execute("SELECT DISTINCT id FROM events ORDER BY id")]
    for one in ids:
        yield call(milepost, "GET", f"/v1/events/{one}")
