"""What a source mapping is made of, and how each part reads one row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from milepost.engine.events import Event
from milepost.engine.selectors import Condition
from milepost.engine.values import MISSING, OWN_FIELDS, find_property
from milepost.schemas.moments import FIRST_YEAR, read_moment

#: The names of date formats beside those of ``strptime``.
ISO, UNIX = "iso", "unix"
#: A number of seconds with this many digits is one of milliseconds.
_MILLISECOND_DIGITS = 12
#: Directives of ``strptime`` that tell a time of day.
_CLOCK = re.compile(r"%[HIcX]")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_LONGEST_SHOWN = 60
_NOWHEN = datetime(1970, 1, 1, tzinfo=UTC)


class RowUnreadable(ValueError):  # noqa: N818 - named by what is the case, as all errors here
    """A row cannot become events; the message says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with paths in braces: ``{number}-solved``; without braces it is a constant."""

    text: str

    @property
    def paths(self) -> list[str]:
        """Give the paths the text names."""
        return _PLACEHOLDER.findall(self.text)


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: Any


@dataclass(frozen=True, slots=True)
class Lookup:
    """The value at a path; of several paths the first that has one."""

    paths: tuple[str, ...]
    #: Other values for those the source system writes; compared as text without regard to case.
    renamed: Mapping[str, Any] = field(default_factory=dict)
    #: For a value that is missing, or not among the renamed ones; MISSING: none.
    default: Any = MISSING
    #: Read as a moment, by the mapping's dates and zone.
    is_moment: bool = False


@dataclass(frozen=True, slots=True)
class Earliest:
    """The earliest of the moments at several paths."""

    paths: tuple[str, ...]


ValueSource: TypeAlias = Template | Constant | Lookup | Earliest


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """One kind of event that a row may tell of."""

    id: ValueSource
    type: str
    occurred_at: ValueSource
    actor: ValueSource | None = None
    subject: ValueSource | None = None
    revised_at: ValueSource | None = None
    properties: Mapping[str, ValueSource] = field(default_factory=dict)
    emit_when: tuple[Condition, ...] = ()
    #: The first telling stands; a later row with the same id adds nothing.
    once: bool = False


@dataclass(frozen=True, slots=True)
class PersonTemplate:
    """A person that a row may name."""

    id: ValueSource
    #: ``name``, ``role``, ``team``, ``manager``, ``zone``.
    words: Mapping[str, ValueSource] = field(default_factory=dict)
    segments: Mapping[str, ValueSource] = field(default_factory=dict)
    emit_when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """How the payloads of one source system become events."""

    source: str
    zone: ZoneInfo
    #: Formats to try in order: ``iso``, ``unix`` or one of ``strptime``.
    dates: tuple[str, ...] = (ISO,)
    #: The time of day that a bare day stands for.
    day_at: time = time()
    #: Texts that mean: no value; compared without regard to case and surrounding blanks.
    missing: frozenset[str] = frozenset({""})
    #: Path to the list of rows inside a payload; None: the payload is one row, or a list of rows.
    rows: str | None = None
    events: tuple[EventTemplate, ...] = ()
    people: tuple[PersonTemplate, ...] = ()
    #: SHA-256 of the document, hexadecimal.
    fingerprint: str = ""


class Row:
    """One row as a mapping sees it: what the source calls missing is not there."""

    def __init__(self, mapping: SourceMapping, values: Mapping[str, Any]) -> None:
        """Leave out the values that mean nothing."""
        self._mapping = mapping
        self._values = dict(self._present(values))

    @cached_property
    def _told(self) -> Event:
        """Give the row in the shape that conditions and paths are looked up in."""
        return self.as_event(_NOWHEN)

    def as_event(self, occurred_at: datetime) -> Event:
        """Give the row as an event, so that conditions can be asked of its columns."""
        own = {name: self._values.get(name) for name in ("type", "actor", "subject")}
        return Event(id="", occurred_at=occurred_at, properties=self._values, **own)  # type: ignore[arg-type]

    def find(self, path: str) -> Any:
        """Give the value at a path, or `MISSING`."""
        if path in OWN_FIELDS:
            return self._values.get(path, MISSING)
        found = find_property(self._told, path)
        return MISSING if found is None else found

    def value(self, source: ValueSource) -> Any:
        """Give the value of a source, or `MISSING`."""
        match source:
            case Constant():
                return source.value
            case Template():
                return self._filled(source)
            case Earliest():
                moments = [self._moment(path) for path in source.paths if self.find(path) is not MISSING]
                return min(moments).isoformat() if moments else MISSING
            case Lookup():
                return self._looked_up(source)

    def text(self, source: ValueSource | None) -> str | None:
        """Give a value as text, or None where there is none."""
        value = MISSING if source is None else self.value(source)
        return None if value is MISSING else _text(value)

    def moment(self, source: ValueSource | None) -> datetime | None:
        """Give a value as a moment, or None where there is none."""
        if isinstance(source, Lookup):
            path = next((path for path in source.paths if self.find(path) is not MISSING), None)
            return None if path is None else self._moment(path)
        text = self.text(source)
        return None if text is None else self._read(text, "the template")

    def _looked_up(self, source: Lookup) -> Any:
        path = next((path for path in source.paths if self.find(path) is not MISSING), None)
        if path is None:
            return source.default
        found = self.find(path)
        if source.is_moment:
            return self._moment_or_as_told(path)
        if not source.renamed:
            return found
        other = found if source.default is MISSING else source.default
        return source.renamed.get(_text(found).strip().casefold(), other)

    def _filled(self, source: Template) -> Any:
        found = {path: self.find(path) for path in source.paths}
        if any(value is MISSING for value in found.values()):
            return MISSING
        return _PLACEHOLDER.sub(lambda place: _text(found[place[1]]).strip(), source.text)

    def _moment(self, path: str) -> datetime:
        return self._read(_text(self.find(path)), path)

    def _moment_or_as_told(self, path: str) -> str:
        """Write a moment; what cannot be read stays as it is, and the rule that needs it says so."""
        try:
            return self._moment(path).isoformat()
        except RowUnreadable:
            return _text(self.find(path))

    def _read(self, text: str, what: str) -> datetime:
        for style in self._mapping.dates:
            found = _read_by(style, text.strip(), self._mapping)
            if found is not None:
                return found
        formats = " or ".join(self._mapping.dates)
        raise RowUnreadable(f"{what} is {_shown(text)}, which is no date by {formats}")

    def _present(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in values.items():
            if isinstance(value, Mapping):
                yield name, dict(self._present(value))
            elif not (value is None or (isinstance(value, str) and value.strip().casefold() in self._mapping.missing)):
                yield name, value


def _read_by(style: str, text: str, mapping: SourceMapping) -> datetime | None:
    """Read a moment in one format; None where it is not written so."""
    try:
        if style == UNIX:
            return _read_unix(text)
        moment = read_moment(text) if style == ISO else datetime.strptime(text, style)  # noqa: DTZ007 - zoned below
    except (ValueError, OverflowError):
        return None
    is_day = len(text) <= len("2026-03-02") if style == ISO else not _CLOCK.search(style)
    if is_day:
        moment = datetime.combine(moment.date(), mapping.day_at, tzinfo=moment.tzinfo)
    if moment.year < FIRST_YEAR:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)).astimezone(UTC)


def _read_unix(text: str) -> datetime:
    """Read seconds since 1970, or milliseconds where there are so many digits."""
    number = float(text)
    digits = len(text.partition(".")[0])
    return datetime.fromtimestamp(number / 1000 if digits >= _MILLISECOND_DIGITS else number, tz=UTC)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise RowUnreadable(f"{_shown(str(value))} is a list or an object where a text is needed")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")
