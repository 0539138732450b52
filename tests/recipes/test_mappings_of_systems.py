"""The mappings of helpdesks, CRMs and shops read what those systems send.

Each file in ``payloads/`` has the shape of one system's payloads, with the events that are expected from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_recipe import list_recipes
from milepost.operations.play_story import play_story
from milepost.operations.save_people import save_actor
from milepost.operations.services import Services
from milepost.operations.take_payload import take_payload
from milepost.schemas.events import event_document
from milepost.settings import Settings
from milepost.storage import open_store
from tests.recipes.retell_stories import STORIES, RetoldStory, retell

FOLDER = Path(__file__).parent / "payloads"
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
CASES = [pytest.param(source, name, id=f"{source}-{name}") for source, file in FILES.items() for name in file["cases"]]
RECIPES = {recipe.slug: recipe for recipe in list_recipes()}
#: Tables that somebody exports, not payloads.
EXPORTS = {"servicenow-incidents", "crm-pipeline", "crm-teams", "shipments"}
NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def set_up(services: Services, source: str) -> None:
    """Install the recipe of a source, and make its people known by their names there."""
    install_recipe(services, FILES[source]["recipe"], author="Ops")
    for person, alias in FILES[source]["aliases"].items():
        save_actor(services, {"id": person, "aliases": {source: alias}})


def kept(services: Services) -> list[dict[str, Any]]:
    """Give the events that stand in the store, by id."""
    with services.store.reading() as reading:
        return sorted((event_document(record.event) for record in reading.events()), key=lambda event: str(event["id"]))


def test_every_mapping_of_a_system_has_payloads() -> None:
    """And each file of them a payload that is read, and one that is refused."""
    sources = {mapping["source"] for recipe in RECIPES.values() for mapping in recipe.mappings}
    assert sources - EXPORTS == set(FILES)
    for file in FILES.values():
        assert any(case.get("events") for case in file["cases"].values())
        assert any(case.get("problems") for case in file["cases"].values())


@pytest.mark.parametrize(("source", "name"), CASES)
def test_a_payload_becomes_the_expected_events(source: str, name: str, services: Services) -> None:
    """With the person's own id, whatever the system calls them; what cannot be read is refused in words."""
    set_up(services, source)
    case = FILES[source]["cases"][name]
    answer = take_payload(services, source, case["payload"], told_by="tests")
    assert [problem["reason"] for problem in answer["problems"]] == case.get("problems", [])
    refused = [result["detail"] for result in answer["results"] if "detail" in result]
    assert len(refused) == len(case.get("refused", []))
    assert all(part in detail for part, detail in zip(case.get("refused", []), refused, strict=True))
    assert kept(services) == sorted(case.get("events", []), key=lambda event: str(event["id"]))


@pytest.mark.parametrize("source", FILES)
def test_the_same_payload_again_changes_nothing(source: str, services: Services) -> None:
    """Webhooks are repeated."""
    set_up(services, source)
    payload = next(case["payload"] for case in FILES[source]["cases"].values() if case.get("events"))
    take_payload(services, source, payload, told_by="tests")
    before = kept(services)
    again = take_payload(services, source, payload, told_by="tests")
    assert all(result["replayed"] for result in again["results"])
    assert kept(services) == before


def test_a_name_that_nobody_has_is_taken_for_a_person_of_its_own(services: Services) -> None:
    """Until somebody says whose alias it is."""
    install_recipe(services, "helpdesk-sla", author="Ops")
    payload = FILES["zendesk"]["cases"]["solved"]["payload"]
    take_payload(services, "zendesk", payload, told_by="tests")
    assert [event["actor"] for event in kept(services)] == [payload["detail"]["assignee_id"]]


def test_recipes_share_the_mapping_of_a_crm(services: Services) -> None:
    """One payload tells of what either of them looks at."""
    assert "hubspot" in install_recipe(services, "crm-hygiene", author="Ops").mappings_added
    assert "hubspot" in install_recipe(services, "sales-sequence", author="Ops").mappings_kept
    for name in ("deal-won", "meeting-booked"):
        take_payload(services, "hubspot", FILES["hubspot"]["cases"][name]["payload"], told_by="tests")
    assert {event["type"] for event in kept(services)} == {"deal.engaged", "deal.closed", "meeting.booked"}


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.recipe}-{story.source}")
def test_the_story_of_a_recipe_ends_the_same_when_a_system_tells_it(story: RetoldStory, services: Services) -> None:
    """What the system tells comes through its mapping, the rest is told as it is; every answer is the expected one."""
    recipe = RECIPES[story.recipe]
    install_recipe(services, recipe.slug, author="Ops")
    retold = retell(recipe, story)
    results = play_story(services, retold, recipe.people)
    assert [(result.step.why, result.problems) for result in results if result.problems] == []
    assert any(result.step.expect.get("unlocked") for result in results)
