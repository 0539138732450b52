"""Source mappings turn rows into events, and say why where they cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.schemas.mapped import Mapped, apply_mapping
from milepost.schemas.mappings import MAPPING_WORDS, parse_mapping
from milepost.schemas.reader import RuleInvalid

EVENT: dict[str, Any] = {
    "id": "{number}-solved",
    "type": "ticket.solved",
    "actor": "{by}",
    "subject": "{number}",
    "occurred_at": {"path": "at"},
}
ROW: dict[str, Any] = {"number": "7", "by": "ana@example.com", "at": "2026-03-02T10:00:00+01:00"}


def mapping_of(*, event: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    """Make the document of a mapping with one event."""
    return {"source": "helpdesk", "events": [EVENT | (event or {})], **keys}


def mapped(document: dict[str, Any], payload: Any) -> Mapped:
    """Parse a mapping and apply it."""
    return apply_mapping(parse_mapping(document), payload)


def properties(sources: dict[str, Any], row: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """Give the properties of the event that a row becomes."""
    (event,) = mapped(mapping_of(event={"properties": sources}, **keys), ROW | row).events
    return dict(event.properties)


def reasons(document: dict[str, Any], payload: Any) -> list[str]:
    """Give the reasons for which rows could not be read."""
    return [problem.reason for problem in mapped(document, payload).problems]


def test_a_row_becomes_an_event() -> None:
    """Each field of the event comes from where the mapping says."""
    (event,) = mapped(mapping_of(), ROW).events
    assert (event.id, event.type, event.actor, event.subject) == ("7-solved", "ticket.solved", "ana@example.com", "7")
    assert event.occurred_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_row_may_tell_of_several_events_and_of_none() -> None:
    """Each event has its own conditions."""
    solved = EVENT | {"emit_when": [{"property": "state", "is": "solved"}]}
    reopened = EVENT | {
        "id": "{number}-reopened-{reopens}",
        "type": "ticket.reopened",
        "emit_when": [{"property": "reopens", "at_least": 1}],
    }
    document = {"source": "helpdesk", "events": [solved, reopened]}
    rows = [
        ROW | {"state": "open", "reopens": "0"},
        ROW | {"state": "solved", "reopens": "1"},
    ]
    assert [event.id for event in mapped(document, rows).events] == ["7-solved", "7-reopened-1"]


def test_a_condition_sees_columns_named_like_parts_of_an_event() -> None:
    """A column called type is the source's type, not the event's."""
    document = mapping_of(event={"emit_when": [{"property": "type", "is": "incident"}]})
    assert len(mapped(document, [ROW | {"type": "incident"}, ROW | {"type": "request"}, ROW]).events) == 1


@pytest.mark.parametrize("empty", ["?", " ? ", "N/A", "", None])
def test_a_missing_value_is_not_there(empty: str | None) -> None:
    """What the source writes for nothing gives no actor and no property."""
    document = mapping_of(event={"properties": {"note": {"path": "note"}}}, missing=["?", "n/a", ""])
    (event,) = mapped(document, ROW | {"by": empty, "note": empty}).events
    assert event.actor is None
    assert event.properties == {}


def test_properties_come_from_paths_maps_defaults_templates_and_constants() -> None:
    """Each form of a value gives what the reference says."""
    sources = {
        "csat": {"path": "custom.csat"},
        "first": {"path": ["none", "by"]},
        "sla": {"path": "made", "map": {"TRUE": True}},
        "kept": {"path": "made", "map": {"FALSE": False}},
        "other": {"path": "made", "map": {"FALSE": False}, "default": "unknown"},
        "channel": {"path": "channel", "default": "shop"},
        "both": "{number}/{by}",
        "text": "fixed",
        "one": {"value": 1},
        "gone": "{none}",
    }
    assert properties(sources, {"custom": {"csat": 5}, "made": "true"}) == {
        "csat": 5,
        "first": "ana@example.com",
        "sla": True,
        "kept": "true",
        "other": "unknown",
        "channel": "shop",
        "both": "7/ana@example.com",
        "text": "fixed",
        "one": 1,
    }


def test_a_moment_among_the_properties_gets_its_zone() -> None:
    """Rules that measure time need moments they can read; others are left for the rule to refuse."""
    sources = {"opened_at": {"path": "opened", "as": "moment"}, "due": {"path": "due", "as": "moment"}}
    found = properties(
        sources, {"opened": "01-03-2026 09:00", "due": "soon"}, dates=["%d-%m-%Y %H:%M", "iso"], zone="Europe/Madrid"
    )
    assert found == {"opened_at": "2026-03-01T08:00:00+00:00", "due": "soon"}


MOMENTS = [
    ("29-02-2016 01:16", {"dates": ["%d-%m-%Y %H:%M"], "zone": "Europe/Madrid"}, "2016-02-29T00:16"),
    ("2026-07-01 10:00", {"zone": "Europe/Madrid"}, "2026-07-01T08:00"),
    ("2026-07-01T10:00:00Z", {"zone": "Europe/Madrid"}, "2026-07-01T10:00"),
    ("2026-07-01", {"zone": "Europe/Madrid"}, "2026-06-30T22:00"),
    ("2026-07-01", {"zone": "Europe/Madrid", "day_at": "12:00"}, "2026-07-01T10:00"),
    ("01.07.2026", {"dates": ["iso", "%d.%m.%Y"], "day_at": "12:00"}, "2026-07-01T12:00"),
    (1772445600, {"dates": ["unix"]}, "2026-03-02T10:00"),
    ("1772445600000", {"dates": ["unix"]}, "2026-03-02T10:00"),
]


@pytest.mark.parametrize(("written", "keys", "read"), MOMENTS, ids=[str(one[0]) for one in MOMENTS])
def test_moments_are_read_as_the_source_writes_them(written: Any, keys: dict[str, Any], read: str) -> None:
    """By the formats in order; in the mapping's zone where they name none."""
    (event,) = mapped(mapping_of(**keys), ROW | {"at": written}).events
    assert event.occurred_at.isoformat(timespec="minutes") == f"{read}+00:00"


def test_earliest_takes_the_earliest_moment_that_is_there() -> None:
    """A row cannot know of a later time than its own."""
    document = mapping_of(event={"occurred_at": {"earliest": ["resolved", "at", "closed"]}})
    rows = [ROW | {"resolved": "2026-03-03T10:00:00Z"}, ROW | {"resolved": "2026-03-01T10:00:00Z"}]
    assert [event.occurred_at.day for event in mapped(document, rows).events] == [2, 1]


def test_rows_may_lie_inside_the_payload() -> None:
    """A webhook often wraps its records."""
    document = mapping_of(rows="data.items")
    assert len(mapped(document, {"data": {"items": [ROW, ROW]}}).events) == 2
    assert len(mapped(document, {"data": {"items": ROW}}).events) == 1
    assert reasons(document, {"data": {}}) == ["there is nothing at data.items in the payload"]
    assert reasons(document, []) == ["there is nothing at data.items in the payload"]


def test_a_row_that_cannot_be_read_gives_a_reason_and_no_event() -> None:
    """The other rows are read all the same."""
    rows = [
        ROW,
        ROW | {"at": "yesterday"},
        ROW | {"at": ""},
        ROW | {"number": None},
        ROW | {"number": {"a": 1}},
        ROW | {"by": "x" * 300},
        "text",
    ]
    found = mapped(mapping_of(), rows)
    assert len(found.events) == 1
    assert [problem.row for problem in found.problems] == [2, 3, 4, 5, 6, 7]
    assert "'yesterday', which is no date by iso" in found.problems[0].reason
    assert found.problems[1].reason == "ticket.solved: the row has no value for occurred_at"
    assert found.problems[2].reason == "ticket.solved: the row has no value for id"
    assert "a list or an object" in found.problems[3].reason
    assert "actor" in found.problems[4].reason
    assert "not an object" in found.problems[5].reason


def test_a_date_that_no_event_needs_may_be_unreadable() -> None:
    """A row that tells of nothing is no problem."""
    document = mapping_of(event={"emit_when": [{"property": "state", "is": "solved"}]})
    assert mapped(document, ROW | {"at": "yesterday"}) == Mapped()


def test_a_future_moment_is_left_to_whoever_tells_the_event() -> None:
    """The mapping has no clock."""
    assert len(mapped(mapping_of(), ROW | {"at": "2999-01-01T00:00:00Z"}).events) == 1


def test_events_told_once_are_named() -> None:
    """Whoever tells them leaves out those that are known."""
    assert mapped(mapping_of(event={"once": True}), ROW).once == {"7-solved"}
    assert mapped(mapping_of(), ROW).once == frozenset()


def test_people_are_found_in_rows() -> None:
    """A row without an id names nobody."""
    person = {
        "id": "{by}",
        "name": "{by}",
        "manager": {"path": "boss"},
        "segments": {"region": {"path": "region"}},
        "emit_when": [{"property": "number", "present": True}],
    }
    document = {"source": "crm", "actors": [person]}
    rows = [{"number": 1, "by": "Ana", "region": "West"}, {"number": 2, "region": "West"}, {"by": "Ben"}]
    assert mapped(document, rows).people == ({"id": "Ana", "name": "Ana", "segments": {"region": "West"}},)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"zonne": "UTC"}, "/zonne", "`zone`"),
    ({"source": "Help Desk"}, "/source", "hyphens"),
    ({"zone": "Europe/Madird"}, "/zone", "`Europe/Madrid`"),
    ({"dates": ["%H:%M"]}, "/dates/0", "no date format"),
    ({"dates": ["dd.mm.yyyy"]}, "/dates/0", "no date format"),
    ({"day_at": "noon"}, "/day_at", "time of day"),
    ({"events": [EVENT | {"typ": "x"}]}, "/events/0/typ", "`type`"),
    ({"events": [EVENT | {"type": "Ticket Solved"}]}, "/events/0/type", "ticket.solved"),
    ({"events": [EVENT | {"id": "{number"}]}, "/events/0/id", "brace"),
    ({"events": [EVENT | {"id": {"path": "a", "value": 1}}]}, "/events/0/id", "one of"),
    ({"events": [EVENT | {"id": {"value": 1, "map": {}}}]}, "/events/0/id/map", "beside `value`"),
    ({"events": [EVENT | {"id": {"pth": "a"}}]}, "/events/0/id/pth", "`path`"),
    ({"events": [EVENT | {"actor": {"earliest": ["a"]}}]}, "/events/0/actor", "moment"),
    ({"events": [EVENT | {"occurred_at": {"value": 1}}]}, "/events/0/occurred_at", "path"),
    ({"events": [EVENT | {"occurred_at": {"path": "a", "map": {"b": "c"}}}]}, "/events/0/occurred_at", "map"),
    (
        {"events": [EVENT | {"emit_when": [{"property": "a", "at_leats": 1}]}]},
        "/events/0/emit_when/0/at_leats",
        "at_least",
    ),
    ({"events": [EVENT | {"properties": {"a": {"path": "a", "as": "date"}}}]}, "/events/0/properties/a/as", "moment"),
    (
        {"events": [EVENT | {"properties": {"a": {"path": "a", "map": {"b": []}}}}]},
        "/events/0/properties/a/map/b",
        "text",
    ),
    ({"events": [EVENT | {"properties": {"a": 5}}]}, "/events/0/properties/a", "template"),
    ({"events": [{"id": "a", "type": "a.b"}]}, "/events/0/occurred_at", "missing"),
    ({"actors": [{"name": "a"}]}, "/actors/0/id", "missing"),
]


@pytest.mark.parametrize(("keys", "path", "hint"), WRONG, ids=[path for _, path, _ in WRONG])
def test_a_word_that_does_not_exist_is_refused_with_its_place(keys: dict[str, Any], path: str, hint: str) -> None:
    """The message names the nearest word, or what to write."""
    with pytest.raises(RuleInvalid) as caught:
        parse_mapping(mapping_of() | keys)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert hint in caught.value.problems[0].message


def test_a_mapping_that_does_nothing_is_refused() -> None:
    """Events or people, one of them must be there."""
    with pytest.raises(RuleInvalid, match="events"):
        parse_mapping({"source": "helpdesk", "events": []})


def test_the_fingerprint_changes_with_the_content_alone() -> None:
    """An import is known again by it."""
    document = mapping_of()
    reordered = dict(reversed(document.items()))
    assert parse_mapping(document).fingerprint == parse_mapping(reordered).fingerprint
    assert parse_mapping(document).fingerprint != parse_mapping(mapping_of(zone="Europe/Madrid")).fingerprint


def test_the_reference_describes_every_word() -> None:
    """And so a word cannot be added without saying what it means."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "source-mappings.md").read_text(encoding="utf-8")
    words = {word for words in MAPPING_WORDS.values() for word in words}
    assert [word for word in sorted(words) if f"`{word}`" not in page and f'"{word}"' not in page] == []
