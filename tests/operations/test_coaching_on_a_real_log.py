"""What the managers of a real sales team would have been given, week after week."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.delivery.message import Section
from milepost.engine.people import Holder, HolderKind
from milepost.operations.coaching import MOST_EACH, MOST_IN_ALL, coaching_sections
from milepost.operations.find_mapping import find_mapping
from milepost.operations.import_file import import_file
from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_facts import load_facts
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store

DATA = Path(__file__).parents[2].parent / "shared" / "data"
NOW = datetime(2018, 1, 1, 9, tzinfo=UTC)
SEVEN_WEEKS = [datetime(2017, 10, 2, 9, tzinfo=UTC) + timedelta(weeks=week) for week in range(7)]
#: Seconds for the week of one manager with 35 people; a quiet machine takes a tenth of it.
PATIENCE = 10.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real logs are not beside this checkout"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Import a third of the deals and everybody, all under one manager, and then bring rules into force."""
    folder = tmp_path_factory.mktemp("crm")
    store = open_store(f"sqlite:///{folder / 'milepost.db'}")
    services = Services(store, lambda: NOW, Settings())
    install_recipe(services, "crm-hygiene", author="Ops", state="draft")
    lines = (DATA / "crm_teams.csv").read_text("utf-8").splitlines()
    people, deals = folder / "people.csv", folder / "deals.csv"
    led = [",".join([line.split(",")[0], "Dana Boss", line.split(",")[2]]) for line in lines[1:]]
    people.write_text("\n".join([lines[0], *led]), "utf-8")
    lines = (DATA / "crm_pipeline.csv").read_text("utf-8").splitlines()
    deals.write_text("\n".join([lines[0], *lines[1::3]]) + "\n", "utf-8")
    for name, path in (("crm-teams", people), ("crm-pipeline", deals)):
        assert import_file(services, path, find_mapping(services, name)).set_aside == ()
    for rule in RULES:
        save_achievement(services, {**COMMON, **rule}, author="Ops", note="Agreed")
    yield store
    store.close()


COMMON: dict[str, Any] = {
    "purpose": "Deals that are decided",
    "category": "volume",
    "audience": {"actor": "instant", "manager": "weekly"},
    "repeats": "every_window",
    "state": "live",
}
CLOSED = {"type": "deal.closed"}
RULES: list[dict[str, Any]] = [
    {
        "key": "deals-closed",
        "name": "Deals Closed",
        "criterion": {"kind": "count", "target": 4, "window": "week", "of": CLOSED},
    },
    {
        "key": "won",
        "name": "Won",
        "criterion": {
            "kind": "rate",
            "window": "month",
            "of": CLOSED,
            "good": {"where": [{"property": "stage", "is": "Won"}]},
            "at_least": 0.6,
            "minimum": 3,
        },
        "award_at": "close",
    },
    {
        "key": "every-week",
        "name": "Every Week",
        "criterion": {
            "kind": "streak",
            "target": 5,
            "period": "week",
            "each": {"kind": "count", "target": 1, "of": CLOSED},
        },
    },
]


def sections_at(store: Store, moment: datetime) -> tuple[list[Section], float]:
    """Give what the manager is given at a moment, and how many seconds that took."""
    began = time.monotonic()
    with store.reading() as reading:
        facts = load_facts(reading, actors=None)
        sections = coaching_sections(reading, Holder(HolderKind.ACTOR, "Dana Boss"), facts=facts, as_of=moment)
    return sections, time.monotonic() - began


def test_thirty_five_people_are_looked_at_within_seconds(store: Store) -> None:
    """In each of seven weeks there is something to say, and never too much."""
    weeks = [sections_at(store, moment) for moment in SEVEN_WEEKS]
    print("seconds:", [round(took, 2) for _, took in weeks])
    assert max(took for _, took in weeks) < PATIENCE
    for sections, _ in weeks:
        assert 0 < sum(len(one.lines) for one in sections) <= MOST_IN_ALL
        assert all(len(one.lines) <= MOST_EACH for one in sections)
    texts = "\n".join(line.text for sections, _ in weeks for one in sections for line in one.lines)
    assert all(words in texts for words in ("weeks in a row", "after", ", then "))


def test_nobody_is_named_beside_somebody_else(store: Store) -> None:
    """A line names nobody: it stands under the one name it is about."""
    with store.reading() as reading:
        names = [actor.name or actor.id for actor in reading.actors()]
    assert len(names) >= 35
    for moment in SEVEN_WEEKS:
        for section in sections_at(store, moment)[0]:
            said = " ".join(f"{line.text} {line.detail}" for line in section.lines)
            assert section.heading in names
            assert [name for name in names if name in said] == []
