from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from milepost.errors import Invalid
from milepost.schemas.addresses import same_address
from milepost.schemas.events import event_document, load_event, load_events
from milepost.schemas.moments import read_moment

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = {"id": "zd-1", "type": "ticket.solved", "actor": "ana@example.com", "occurred_at": "2026-03-02T10:00:00Z"}


YEARS = datetime(1970, 1, 2), datetime(2200, 1, 1)  # noqa: DTZ001 - hypothesis adds the zones


def load(document: Any, **more: Any) -> Any:
    """Load as somebody in Madrid, at noon."""
    return load_event(document, now=NOW, zone_of=lambda _actor: ZoneInfo("Europe/Madrid"), **more)


def refused(document: Any) -> Any:
    """Give the places that a document is refused for."""
    with pytest.raises(Invalid) as caught:
        load(document)
    return {error.pointer: error.message for error in caught.value.errors}


def test_an_event_is_loaded_as_it_was_told() -> None:
    """Every field reaches its place."""
    told = {**EVENT, "subject": "ticket-1", "revised_at": "2026-03-02T11:00:00+01:00", "properties": {"a": [1, None]}}
    loaded = load(told)
    assert loaded.warnings == ()
    assert loaded.is_dated
    assert loaded.event.occurred_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert loaded.event.revised_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert loaded.event.properties == {"a": [1, None]}
    assert load(event_document(loaded.event)).event == loaded.event


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "Ticket.Solved"),
        ("type", "solved"),
        ("type", "ticket solved"),
        ("type", ".solved"),
        ("type", ""),
        ("type", None),
        ("type", 5),
        ("type", "x" * 101 + "." + "y" * 101),
        ("id", ["zd-1"]),
        ("id", "x" * 201),
        ("actor", "a\nb"),
        ("actor", True),
        ("subject", {}),
        ("occurred_at", "03/02/2026"),
        ("occurred_at", "yesterday"),
        ("occurred_at", "2026-02-30"),
        ("occurred_at", "2026-03-02T25:00:00Z"),
        ("occurred_at", 1772445600),
        ("occurred_at", "1772445600"),
        ("occurred_at", "1969-12-31T23:59:59Z"),
        ("occurred_at", "2026-03-02T12:05:01Z"),
        ("revised_at", "later"),
        ("properties", []),
        ("properties", None),
        ("propertys", {}),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(name: str, value: Any) -> None:
    """The pointer leads to the field, the sentence says what to do."""
    places = refused({**EVENT, name: value})
    assert list(places) == [f"/{name}"]
    assert places[f"/{name}"].endswith((".", "?"))


def test_all_places_are_told_at_once() -> None:
    """Nobody corrects one mistake a time."""
    assert set(refused({"typ": "x", "properties": 1, "actor": "a"})) == {"/type", "/typ", "/properties"}


@pytest.mark.parametrize("owner", [{}, {"actor": None}, {"actor": " ", "subject": ""}])
def test_an_event_without_actor_and_subject_is_refused(owner: Any) -> None:
    """It would concern nobody."""
    document = {name: value for name, value in EVENT.items() if name != "actor"}
    assert "Give an *actor*" in refused({**document, **owner})[""]


def test_an_event_may_name_only_its_subject() -> None:
    """A customer reopens a ticket, and no agent did anything."""
    loaded = load({"type": "ticket.reopened", "subject": "ticket-1", "occurred_at": EVENT["occurred_at"]})
    assert (loaded.event.actor, loaded.event.subject) == (None, "ticket-1")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (" Ana@Example.COM ", "ana@example.com"),
        ("U02ABC", "U02ABC"),
        (" Ana Ruiz ", "Ana Ruiz"),
        ("Ana@desk", "Ana@desk"),
        (42, "42"),
        ("MAX.MÜLLER@EXAMPLE.DE", "max.müller@example.de"),
    ],
)
def test_an_address_is_one_person_in_any_case_and_other_names_stay(told: Any, kept: Any) -> None:
    """Tools vary the case of addresses; ids of other kinds may differ by it."""
    assert load({**EVENT, "actor": told}).event.actor == kept


@given(some.text(max_size=30))
def test_writing_an_address_alike_twice_changes_nothing_more(text: Any) -> None:
    """It may be done at every door."""
    assert same_address(same_address(text)) == same_address(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02T10:00:00", "2026-03-02T09:00:00"),
        ("2026-03-02 10:00", "2026-03-02T09:00:00"),
        ("2026-03-02", "2026-03-01T23:00:00"),
        ("20260302T100000", "2026-03-02T09:00:00"),
        ("2025-07-01T10:00:00.250", "2025-07-01T08:00:00.250000"),
    ],
)
def test_a_moment_without_zone_is_the_actors_with_a_warning(text: Any, utc: Any) -> None:
    """Summer and winter time are the zone's."""
    loaded = load({**EVENT, "occurred_at": text})
    assert loaded.event.occurred_at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert "Europe/Madrid" in loaded.warnings[0]


@pytest.mark.parametrize(
    "text",
    ["2026-03-02T10:00:00Z", "2026-03-02t10:00:00z", "2026-03-02T11:00+01:00", "2026-03-02T10:00:00.000000+00:00"],
)
def test_a_moment_with_zone_needs_no_guess(text: Any) -> None:
    """The usual ways to write one are read alike."""
    loaded = load({**EVENT, "occurred_at": text})
    assert (loaded.event.occurred_at, loaded.warnings) == (datetime(2026, 3, 2, 10, tzinfo=UTC), ())


def test_a_clock_may_run_ahead_by_five_minutes() -> None:
    """Not by a second more."""
    assert load({**EVENT, "occurred_at": "2026-03-02T12:05:00Z"}).event.occurred_at == NOW + timedelta(minutes=5)
    assert "has not" not in str(refused({**EVENT, "occurred_at": "2026-03-02T12:05:01Z"}))


def test_an_event_without_a_moment_happened_now() -> None:
    """And says so, so that a retelling is still known."""
    loaded = load({**EVENT, "occurred_at": " "})
    assert loaded.event.occurred_at == NOW
    assert not loaded.is_dated
    assert len(loaded.warnings) == 1


def test_an_id_is_made_of_the_content_where_that_tells_events_apart() -> None:
    """The same telling gets the same id, another one another."""
    told = {name: value for name, value in EVENT.items() if name != "id"}
    first = load(told)
    assert first.event.id == load({**told, "properties": {"csat": 5}}).event.id
    assert first.event.id.startswith("ev_")
    assert first.warnings == ()
    for change in (
        {"type": "ticket.rated"},
        {"actor": "ben"},
        {"subject": "t"},
        {"occurred_at": "2026-03-02T10:00:01Z"},
    ):
        assert load({**told, **change}).event.id != first.event.id


def test_an_event_that_cannot_be_told_from_its_twin_says_so() -> None:
    """A retry of it would count twice."""
    told = {"type": "ticket.solved", "actor": "ana"}
    assert load(told).event.id != load(told).event.id
    assert any("count twice" in warning for warning in load(told).warnings)
    assert load(told, fallback_id="run-1").event.id == load(told, fallback_id="run-1").event.id
    assert not any("count twice" in warning for warning in load(told, fallback_id="run-1").warnings)


def test_many_are_loaded_each_by_itself() -> None:
    """One that cannot be is its problem, at its place."""
    found = load_events([EVENT, 5, EVENT], now=NOW, zone_of=lambda _actor: UTC)
    assert [isinstance(one, Invalid) for one in found] == [False, True, False]


@given(
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(),
        lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    )
)
def test_whatever_is_told_is_loaded_or_refused(document: Any) -> None:
    """Nothing breaks it."""
    for told in (
        document,
        {**EVENT, "properties": document},
        {**EVENT, "occurred_at": document},
        {**EVENT, "id": document},
    ):
        with contextlib.suppress(Invalid):
            assert load(told).event.id


@given(some.datetimes(*YEARS, timezones=some.timezones(), allow_imaginary=False))
def test_every_moment_that_is_written_in_iso_is_read(moment: Any) -> None:
    """With whatever zone."""
    assert read_moment(moment.isoformat()).astimezone(UTC) == moment.astimezone(UTC)
