"""The package and the workflows of the recipes in a real n8n, on PostgreSQL, beside real Mileposts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from milepost.schemas.recipes import Recipe
from tests.acceptance.servers import API_KEY, Server
from tests.packs.kept_packages import Unreachable
from tests.packs.n8n_package import SOURCES, reason_to_skip
from tests.packs.n8n_server import N8N, NEWEST, wait_until
from tests.packs.n8n_world import CREDENTIAL, KIND, RECIPES, World, call, running_world, stopped
from tests.packs.staged_plays import PLAYS, ROOT, play
from tests.packs.telling_play import play_telling

pytestmark = pytest.mark.slow

VENDORS = sorted(path for path in ROOT.glob("recipes/*/n8n/*.json") if not path.name.endswith(".webhook.json"))
#: What an answer says of the moment at which it was given.
MOMENTS = {"changed_at", "received_at"}
#: Reasons that depend on the clock: in a story 72 hours are still to come, in the tests they are long over.
WAITS = {"held", "awaiting_confirmation"}

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Start everything once."""
    if (reason := reason_to_skip()) is not None:
        pytest.skip(reason)
    try:
        with running_world(tmp_path_factory.mktemp("n8n")) as found:
            yield found
    except Unreachable as failure:
        if os.environ.get("CI") or os.environ.get("REGISTRY_MUST_ANSWER"):
            raise
        pytest.skip(str(failure))


@pytest.fixture(autouse=True)
def log(world: World) -> Iterator[None]:
    """Show with a failure what n8n printed meanwhile."""
    before = world.n8n.log.stat().st_size
    yield
    print(world.n8n.printed(since=before))


def test_every_workflow_is_imported_as_it_is_exported(world: World) -> None:
    """And each step that speaks with Milepost has found its credential by the name."""
    written = {path.name for path in ROOT.glob("recipes/*/n8n/*.json")} | {"tell-people.json"}
    assert {path.name for path in world.files} == written
    assert len(world.workflows) == len(written)
    for workflow_id in world.workflows.values():
        nodes = world.n8n.ask("GET", f"/rest/workflows/{workflow_id}")["nodes"]
        bound = [node["credentials"][KIND]["id"] for node in nodes if KIND in node.get("credentials", {})]
        assert bound, workflow_id
        assert set(bound) == {world.credential_id}


def test_n8n_has_every_node_in_that_version(world: World) -> None:
    """It imports others as well, and says so only when they are to run."""
    known: dict[str, set[float]] = {}
    for one in world.n8n.session.get(f"{world.n8n.url}/types/nodes.json", timeout=60).json():
        versions = one["version"] if isinstance(one["version"], list) else [one["version"]]
        known.setdefault(one["name"], set()).update(versions)
    used = {(node["type"], node["typeVersion"]) for path in world.files for node in read(path)["nodes"]}
    assert len(used) > 5
    assert {(name, version) for name, version in used if version not in known.get(name, set())} == set()


@every_recipe
def test_a_story_told_to_n8n_is_answered_and_recorded_as_told_to_milepost(world: World, recipe: Recipe) -> None:
    """Each answer, each event, each award; and what the story says of it where that does not hang on the clock."""
    workflow = read(next(path for path in world.files if path.name == f"{recipe.slug}.webhook.json"))
    address = publish(world, workflow)
    for step in recipe.story:
        told = step.get("tell", [])
        answers = [tell(world, address, event) for event in (told if isinstance(told, list) else [told])]
        check(step, answers)
    tell(world, address, changed_later(recipe))
    assert recorded(world.milepost, recipe) == recorded(world.other, recipe)
    standing = {actor: keys for step in recipe.story for actor, keys in step["expect"].get("standing", {}).items()}
    assert standing
    assert standing == {actor: standing_of(world.milepost, actor) for actor in standing}


def changed_later(recipe: Recipe) -> dict[str, Any]:
    """Give the first event of a story once more, as the state of a record that was changed the day after."""
    told = next(step["tell"] for step in recipe.story if "tell" in step)
    event = told[0] if isinstance(told, list) else told
    later = datetime.fromisoformat(event["occurred_at"]) + timedelta(days=1)
    return {**event, "revised_at": later.isoformat(), "properties": {**event.get("properties", {}), "changed": "yes"}}


def publish(world: World, workflow: Mapping[str, Any]) -> str:
    """Activate a workflow that was imported, and give the address of its webhook."""
    (path,) = [node["parameters"]["path"] for node in workflow["nodes"] if node["type"].endswith(".webhook")]
    if not world.n8n.listens(path):
        world.n8n.publish(world.workflows[workflow["name"]], path)
    return f"{world.n8n.url}/webhook/{path}"


def tell(world: World, address: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Tell an event to both, and see that they answer the same."""
    answer = requests.post(address, json=event, timeout=60)
    assert answer.ok, f"{answer.status_code} {answer.text}"
    assert timeless(answer.json()) == timeless(call(world.other, "POST", "/v1/evaluate", event)), event["id"]
    found: dict[str, Any] = answer.json()
    return found


def check(step: Mapping[str, Any], answers: list[dict[str, Any]]) -> None:
    """See that the last answer is the one in the story, unless that waits for something."""
    expected = step["expect"]
    if not answers or WAITS.intersection(expected.get("reasons", {}).values()):
        return
    if "unlocked" in expected:
        assert [one["achievement"] for one in answers[-1]["awards"]] == expected["unlocked"], step["why"]
    if "revoked" in expected:
        assert [one["achievement"] for one in answers[-1]["revoked"]] == expected["revoked"], step["why"]


def recorded(milepost: Server, recipe: Recipe) -> dict[str, Any]:
    """Give what a Milepost has of a story: every event with its history, and every award with its reason."""
    told = [step.get("tell", []) for step in recipe.story]
    ids = {event["id"] for one in told for event in (one if isinstance(one, list) else [one])}
    events = {one: timeless(call(milepost, "GET", f"/v1/events/{one}")) for one in sorted(ids)}
    awards = [
        timeless(one)
        for actor in recipe.people["actors"]
        for one in call(milepost, "GET", f"/v1/awards?actor={actor['id']}")["items"]
    ]
    assert len(events) > 3
    assert awards
    return {"events": events, "awards": sorted(awards, key=lambda award: str(award["id"]))}


def standing_of(milepost: Server, actor: str) -> list[str]:
    """Give the achievements that somebody has."""
    found = call(milepost, "GET", f"/v1/awards?actor={actor}&status=granted")["items"]
    return sorted({one["achievement"] for one in found})


def timeless(document: Any) -> Any:
    """Leave out when a Milepost was told."""
    if isinstance(document, list):
        return [timeless(one) for one in document]
    if not isinstance(document, dict):
        return document
    return {key: timeless(value) for key, value in document.items() if key not in MOMENTS}


def read(path: Path) -> dict[str, Any]:
    """Read a workflow."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"type": None}, 422, "type"),
        ({"actor": None, "subject": None}, 422, "actor"),
        ({"occurred_at": "yesterday"}, 422, "occurred_at"),
        ({"properties": "within_sla"}, 422, "Properties is not a JSON object"),
    ],
    ids=["no type", "nobody and nothing", "no moment", "no properties"],
)
def test_a_post_that_is_refused_gets_a_sentence_and_fails_the_run(
    world: World, changes: Mapping[str, Any], status: int, words: str
) -> None:
    """Whoever posts can correct it, and whoever runs n8n sees it in the list."""
    workflow = helpdesk(world)
    before = len(world.n8n.executions(world.workflows[workflow["name"]]))
    event = {key: value for key, value in {**ticket("refused"), **changes}.items() if value is not None}
    answer = requests.post(publish(world, workflow), json=event, timeout=60)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text
    (run, *_) = ended(world, workflow, before + 1)
    assert run["status"] == "error"
    assert answer.json()["error"] in world.n8n.failure(run["id"])


def test_a_value_that_cannot_be_read_is_recorded_and_does_not_count(world: World) -> None:
    """With the reason."""
    event = {**ticket("unreadable"), "properties": {"within_sla": "perhaps"}}
    answer = requests.post(publish(world, helpdesk(world)), json=event, timeout=60)
    reasons = {one["achievement"]: one["reason_code"] for one in answer.json()["not_counted"]}
    assert (answer.status_code, reasons["first-clean-solve"]) == (200, "value_unreadable"), answer.text
    assert call(world.milepost, "GET", f"/v1/events/{event['id']}")["properties"] == event["properties"]


def test_a_post_while_milepost_is_stopped_is_refused_and_counts_once_when_told_again(world: World) -> None:
    """Whoever posts hears it, since the event is not on disk."""
    workflow, event = helpdesk(world), ticket("stopped")
    address = publish(world, workflow)
    before = len(world.n8n.executions(world.workflows[workflow["name"]]))
    with stopped(world.milepost):
        answer = requests.post(address, json=event, timeout=60)
    assert (answer.status_code, "Milepost cannot be reached" in answer.json()["error"]) == (503, True), answer.text
    assert ended(world, workflow, before + 1)[0]["status"] == "error"
    again = [requests.post(address, json=event, timeout=60).json() for _ in range(2)]
    assert [(one["outcome"], one["replayed"]) for one in again] == [("counted", False), ("counted", True)]


def test_a_wrong_key_is_said(world: World) -> None:
    """With what to do."""
    workflow = helpdesk(world)
    wrong = {"baseUrl": world.milepost.url, "apiKey": "mp_wrong"}
    credential_id = world.n8n.add_credential("Wrong key", KIND, wrong)
    for node in workflow["nodes"]:
        if KIND in node.get("credentials", {}):
            node["credentials"][KIND] = {"id": credential_id, "name": "Wrong key"}
        if node["type"].endswith(".webhook"):
            node |= {"webhookId": str(uuid4()), "parameters": {**node["parameters"], "path": "wrong-key"}}
    workflow_id = world.n8n.add_workflow({**workflow, "name": "Wrong key"})
    world.n8n.publish(workflow_id, "wrong-key")
    answer = requests.post(f"{world.n8n.url}/webhook/wrong-key", json=ticket("wrong-key"), timeout=60)
    assert (answer.status_code, "key" in answer.json()["error"]) == (401, True), answer.text


def helpdesk(world: World) -> dict[str, Any]:
    """Give the workflow of the helpdesk that any system can post to."""
    (path,) = [path for path in world.files if path.name == "helpdesk-sla.webhook.json"]
    return read(path)


def ticket(name: str) -> dict[str, Any]:
    """Give what a helpdesk would post of a solved ticket; each has an agent of its own."""
    return {
        "id": f"ticket-{name}-solved",
        "type": "ticket.solved",
        "actor": f"{name}@example.com",
        "subject": f"ticket-{name}",
        "occurred_at": "2026-03-02T09:40:00+01:00",
        "properties": {"within_sla": True},
    }


def ended(world: World, workflow: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Wait until a workflow has run so often, and give its runs, the newest first."""
    return world.n8n.ended(world.workflows[workflow["name"]], count)


@pytest.mark.parametrize(
    ("wrong", "words", "older"),
    [
        ("nothing", "Connection successful", "Connection successful"),
        ("key", "Milepost does not know this API Key", "Authorization failed"),
        ("another program", "There is no Milepost at this address", "could not be found"),
        # where nobody answers n8n gives nothing but the code; the field's hint and the pages say what it means
        ("nobody there", "ECONNREFUSED", "perhaps it is offline"),
    ],
    ids=["nothing", "key", "another program", "nobody there"],
)
def test_the_test_of_a_credential_tells_right_from_wrong(world: World, wrong: str, words: str, older: str) -> None:
    """As the editor shows it: in our sentences, or in n8n's own before it asked for any."""
    data = {"baseUrl": world.milepost.url, "apiKey": API_KEY}
    data |= {
        "nothing": {},
        "key": {"apiKey": "mp_wrong"},
        "another program": {"baseUrl": f"{world.n8n.url}/healthz"},
        "nobody there": {"baseUrl": "http://127.0.0.1:9"},
    }[wrong]
    credentials = {"id": world.credential_id, "name": CREDENTIAL, "type": KIND, "data": data}
    found = world.n8n.ask("POST", "/rest/credentials/test", {"credentials": credentials})
    assert found["status"] == ("OK" if wrong == "nothing" else "Error"), found
    assert (words if N8N == NEWEST else older) in found["message"]


def test_a_trigger_has_a_place_while_it_is_active(world: World) -> None:
    """Activate, see an award start the workflow and a forged call not, deactivate."""
    news = example(world, "news-of-awards")
    workflow_id = world.n8n.add_workflow(news)
    address = f"{world.n8n.url}/webhook/{news['nodes'][0]['webhookId']}/webhook"

    def places() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = call(world.milepost, "GET", f"/v1/subscriptions?url={address}")["items"]
        return found

    world.n8n.switch("activate", workflow_id)
    wait_until(places, "the activated workflow has a place")
    assert [place["events"] for place in places()] == [["achievement.awarded"]]
    call(world.milepost, "POST", "/v1/awards", {"achievement": "clean-close", "actor": "ben@example.com"})
    wait_until(lambda: [one["status"] for one in world.n8n.executions(workflow_id)] == ["success"], "it ran")
    forged = requests.post(address, json={"type": "achievement.awarded"}, timeout=60)
    assert (forged.status_code, len(world.n8n.executions(workflow_id))) == (401, 1), forged.text
    world.n8n.switch("deactivate", workflow_id)
    wait_until(lambda: not places(), "the deactivated workflow has none")


def test_the_example_of_the_package_answers(world: World) -> None:
    """The first post earns something, the second says how far."""
    workflow_id = world.n8n.add_workflow(example(world, "solved-tickets"))
    world.n8n.publish(workflow_id, "milepost-ticket-solved")
    posts = [
        {"agent": "example@example.com", "ticket": number, "within_sla": True, "solved_at": "2026-03-02T09:40:00+01:00"}
        for number in (1, 2)
    ]
    address = f"{world.n8n.url}/webhook/milepost-ticket-solved"
    first, second = (requests.post(address, json=post, timeout=60).json()["text"] for post in posts)
    assert "First Clean Solve" in first
    assert "Clean Close" in second


def example(world: World, name: str) -> dict[str, Any]:
    """Give an example of the package, with the credential in it."""
    workflow = read(SOURCES / "examples" / f"{name}.json")
    for node in workflow["nodes"]:
        for bound in node.get("credentials", {}).values():
            bound["id"] = world.credential_id
    return workflow


@pytest.mark.parametrize("workflow", VENDORS, ids=lambda path: path.stem)
def test_a_workflow_of_a_system_does_what_its_play_says(world: World, workflow: Path) -> None:
    """What the system's trigger emits becomes the events that the mapping reads."""
    play(world.n8n, workflow)


def test_every_play_is_of_a_workflow() -> None:
    """And every workflow of a system has one."""
    assert {path.name for path in PLAYS.glob("*.json")} == {path.name for path in VENDORS}


def test_people_are_told(world: World) -> None:
    """By mail, once."""
    play_telling(world.n8n, world.milepost)
