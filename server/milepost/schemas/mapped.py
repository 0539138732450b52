"""What a source mapping makes of a payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.conditions import compile_conditions
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, Profile
from milepost.engine.values import MISSING, find_property
from milepost.errors import Invalid
from milepost.schemas.events import load_event
from milepost.schemas.mapping_values import EventTemplate, PersonTemplate, Row, RowUnreadable, SourceMapping

#: Whether a moment lies in the future is judged when the event is told, not here.
_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
_NOWHEN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row could not be read."""

    #: Which row of the payload, from 1.
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """What was found in a payload."""

    events: tuple[Event, ...] = ()
    #: Documents of the people named in it, in the shape of ``PUT /v1/actors/{id}``.
    people: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[RowProblem, ...] = ()
    #: Ids of events of which the first telling stands.
    once: frozenset[str] = frozenset()


def apply_mapping(mapping: SourceMapping, payload: Any) -> Mapped:
    """Turn a payload into events and people; a row that cannot be read becomes a problem, whole."""
    return RowReader(mapping).read_payload(payload)


def _rows(mapping: SourceMapping, payload: Any) -> Sequence[Any] | str:
    """Give the rows of a payload, or the sentence that says why there are none."""
    found = payload
    if mapping.rows is not None:
        inside = Event(id="", type="", occurred_at=_NOWHEN, properties=payload if isinstance(payload, Mapping) else {})
        found = find_property(inside, mapping.rows)
        if found is MISSING:
            return f"there is nothing at {mapping.rows} in the payload"
    return found if isinstance(found, list | tuple) else [found]


class RowReader:
    """A mapping made ready to read many payloads."""

    def __init__(self, mapping: SourceMapping) -> None:
        """Compile the conditions once."""
        self._mapping = mapping
        self._events = [(template, compile_conditions(template.emit_when)) for template in mapping.events]
        self._people = [(template, compile_conditions(template.emit_when)) for template in mapping.people]
        profile = Profile(zone=mapping.zone.key)
        self._calendar = PersonalCalendar.of_actor(Actor(id="", profiles=(profile,)), Facts())

    def read_payload(self, payload: Any) -> Mapped:
        """Read every row of a payload."""
        rows = _rows(self._mapping, payload)
        if isinstance(rows, str):
            return Mapped(problems=(RowProblem(1, rows),))
        parts = [self._read_row(number, row) for number, row in enumerate(rows, 1)]
        return Mapped(
            events=tuple(event for part in parts for event in part.events),
            people=tuple(person for part in parts for person in part.people),
            problems=tuple(problem for part in parts for problem in part.problems),
            once=frozenset().union(*(part.once for part in parts)),
        )

    def _read_row(self, number: int, values: Any) -> Mapped:
        if not isinstance(values, Mapping):
            return Mapped(problems=(RowProblem(number, "the row is not an object with names and values"),))
        row = Row(self._mapping, values)
        try:
            found = [
                (self._event(template, row), template.once)
                for template, check in self._events
                if check(row.as_event(_occurred_at(template, row)), self._calendar) is None
            ]
            people = [
                _person(template, row)
                for template, check in self._people
                if check(row.as_event(_NOWHEN), self._calendar) is None
            ]
        except RowUnreadable as problem:
            return Mapped(problems=(RowProblem(number, str(problem)),))
        return Mapped(
            events=tuple(event for event, _ in found),
            people=tuple(person for person in people if person is not None),
            once=frozenset(event.id for event, is_once in found if is_once),
        )

    def _event(self, template: EventTemplate, row: Row) -> Event:
        document = _event_document(template, row)
        try:
            return load_event(document, now=_END_OF_TIME, zone_of=lambda _actor: self._mapping.zone).event
        except Invalid as problem:
            raise RowUnreadable(f"{template.type}: {problem.detail}") from None


def _occurred_at(template: EventTemplate, row: Row) -> datetime:
    """Give the moment for the conditions; one that cannot be read is told once they are met."""
    try:
        return row.moment(template.occurred_at) or _NOWHEN
    except RowUnreadable:
        return _NOWHEN


def _event_document(template: EventTemplate, row: Row) -> dict[str, Any]:
    """Fill in a template."""
    event_id, occurred_at = row.text(template.id), row.moment(template.occurred_at)
    revised_at = row.moment(template.revised_at)
    if event_id is None or occurred_at is None:
        raise RowUnreadable(f"{template.type}: the row has no value for {'id' if event_id is None else 'occurred_at'}")
    values = {name: row.value(source) for name, source in template.properties.items()}
    return {
        "id": event_id,
        "type": template.type,
        "actor": row.text(template.actor),
        "subject": row.text(template.subject),
        "occurred_at": occurred_at.isoformat(),
        "revised_at": revised_at.isoformat() if revised_at else None,
        "properties": {name: value for name, value in values.items() if value is not MISSING},
    }


def _person(template: PersonTemplate, row: Row) -> dict[str, Any] | None:
    """Fill in a person; None where the row names nobody."""
    person_id = row.text(template.id)
    if person_id is None:
        return None
    words = {name: row.text(source) for name, source in template.words.items()}
    segments = {name: row.text(source) for name, source in template.segments.items()}
    document: dict[str, Any] = {"id": person_id} | {name: word for name, word in words.items() if word is not None}
    given = {name: value for name, value in segments.items() if value is not None}
    return document | ({"segments": given} if given else {})
