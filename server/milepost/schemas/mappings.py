"""Source mappings: the document that turns one payload of a source system into events.

The words are described in ``docs/reference/source-mappings.md``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from marshmallow import ValidationError

from milepost.engine.values import MISSING
from milepost.schemas.events import EventType
from milepost.schemas.mapping_values import (
    ISO,
    UNIX,
    Constant,
    Earliest,
    EventTemplate,
    Lookup,
    PersonTemplate,
    SourceMapping,
    Template,
    ValueSource,
)
from milepost.schemas.reader import Fields, Part, Problems, Read, nearest
from milepost.schemas.reads import clock_time, flag, list_of, one_or_list_of, text
from milepost.schemas.rule_conditions import read_conditions
from milepost.schemas.words import zones

#: Every key of a mapping, by the object it stands in.
MAPPING_WORDS: Mapping[str, tuple[str, ...]] = {
    "mapping": ("source", "note", "zone", "dates", "day_at", "missing", "rows", "events", "actors"),
    "event": ("emit_when", "id", "type", "actor", "subject", "occurred_at", "revised_at", "properties", "once"),
    "actor": ("emit_when", "id", "name", "role", "team", "manager", "zone", "segments"),
    "value": ("path", "map", "default", "as", "value", "earliest"),
}
_PERSON_WORDS = ("name", "role", "team", "manager", "zone")
_SOURCE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_PATH = 200
_LONGEST_TEMPLATE = 500
_LONGEST_NOTE = 500
_NOTHING: ValueSource = Constant("")
#: A moment that tells every format apart from one that has no day in it.
_PROBE = datetime(2001, 11, 23, tzinfo=UTC)


def parse_mapping(document: Any) -> SourceMapping:
    """Read a mapping; raises `RuleInvalid` with every place that needs a correction."""
    problems = Problems()
    mapping = _mapping(Part(document, "", problems).fields(), document)
    problems.raise_any()
    return mapping


def _mapping(fields: Fields, document: Any) -> SourceMapping:
    fields.expect(MAPPING_WORDS["mapping"])
    fields.get("note", text(_LONGEST_NOTE))
    events = fields.get("events", list_of(_event, least=0)) or ()
    people = fields.get("actors", list_of(_person, least=0)) or ()
    if not events and not people and fields.part.is_clean():
        fields.note("events", "`events` is missing. Add what a row tells of.")
    missing = fields.get("missing", list_of(_plain_text, least=0))
    return SourceMapping(
        source=fields.need("source", _source, ""),
        zone=fields.get_or("zone", _zone, ZoneInfo("UTC")),
        dates=fields.get("dates", list_of(_date_format)) or (ISO,),
        day_at=fields.get_or("day_at", clock_time, time()),
        missing=frozenset(word.strip().casefold() for word in ([""] if missing is None else missing)),
        rows=fields.get("rows", _path),
        events=events,
        people=people,
        fingerprint=_fingerprint(document),
    )


def _fingerprint(document: Any) -> str:
    """Hash a document; one that is no plain JSON is refused elsewhere."""
    content = orjson.dumps(document, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(content).hexdigest()


def _event(part: Part) -> EventTemplate:
    fields = part.fields()
    fields.expect(MAPPING_WORDS["event"])
    return EventTemplate(
        id=fields.need("id", _word, _NOTHING),
        type=fields.need("type", _event_type, ""),
        occurred_at=fields.need("occurred_at", _moment, _NOTHING),
        actor=_found(fields, "actor", _word),
        subject=_found(fields, "subject", _word),
        revised_at=_found(fields, "revised_at", _moment),
        properties=fields.get("properties", _properties) or {},
        emit_when=fields.get("emit_when", read_conditions) or (),
        once=fields.get_or("once", flag, default=False),
    )


def _person(part: Part) -> PersonTemplate:
    fields = part.fields()
    fields.expect(MAPPING_WORDS["actor"])
    words = {name: _found(fields, name, _word) for name in _PERSON_WORDS}
    return PersonTemplate(
        id=fields.need("id", _word, _NOTHING),
        words={name: source for name, source in words.items() if source is not None},
        segments=fields.get("segments", _properties) or {},
        emit_when=fields.get("emit_when", read_conditions) or (),
    )


def _properties(part: Part) -> dict[str, ValueSource]:
    """Read an object of names and where their values come from."""
    fields = part.fields()
    sources = {name: _found(fields, name, _value) for name in fields.values}
    return {name: source for name, source in sources.items() if source is not None}


# --------------------------------------------------------------------- values


def _found(fields: Fields, key: str, read: Read[ValueSource]) -> ValueSource | None:
    """Read where the value for *key* comes from, if anything is said of it."""
    return read(fields.at(key)) if fields.has(key) else None


def _value(part: Part) -> ValueSource | None:
    """Read where a value comes from: a template, a path or a constant."""
    if isinstance(part.value, str):
        return _template(part)
    if not isinstance(part.value, Mapping):
        part.expected('a template such as `"{number}-solved"`, or an object such as `{"path": "number"}`')
        return None
    fields = part.fields()
    fields.expect(MAPPING_WORDS["value"])
    kinds = [kind for kind in ("path", "value", "earliest") if kind in fields.values]
    if len(kinds) != 1:
        if part.is_clean():
            part.note("Write one of `path`, `value` and `earliest` here.")
        return None
    _refuse_beside(fields, kinds[0])
    if kinds == ["value"]:
        return Constant(fields.values["value"])
    if kinds == ["earliest"]:
        paths = fields.get("earliest", list_of(_path))
        return None if paths is None else Earliest(paths)
    return _lookup(fields)


def _refuse_beside(fields: Fields, kind: str) -> None:
    """Refuse keys that mean nothing beside the kind of value."""
    allowed = ("path", "map", "default", "as") if kind == "path" else (kind,)
    for key in fields.values:
        if key in MAPPING_WORDS["value"] and key not in allowed:
            fields.note(key, f"`{key}` means nothing beside `{kind}`. Leave it out.")


def _lookup(fields: Fields) -> Lookup | None:
    paths = fields.get("path", one_or_list_of(_path))
    renamed = fields.get("map", _renamed) or {}
    as_moment = fields.get_or("as", _as_moment, default=False)
    if as_moment and renamed:
        fields.note("map", "`map` means nothing beside `as`. Leave one of them out.")
    default = fields.values.get("default")
    if isinstance(default, Mapping | list):
        fields.at("default").expected("a text, a number, `true` or `false`")
    if not paths:
        return None
    return Lookup(paths, renamed, default=MISSING if default is None else default, is_moment=as_moment)


def _as_moment(part: Part) -> bool | None:
    """Read how a value is to be read; there is one way so far."""
    if part.value == "moment":
        return True
    part.expected('`"moment"`')
    return None


def _renamed(part: Part) -> dict[str, Any]:
    """Read the other values for those of the source; the keys are compared without regard to case."""
    fields = part.fields()
    for name, value in fields.values.items():
        if isinstance(value, Mapping | list):
            fields.at(name).expected("a text, a number, `true` or `false`")
    return {str(name).strip().casefold(): value for name, value in fields.values.items()}


def _word(part: Part) -> ValueSource | None:
    """Read where a text comes from: anything but a moment."""
    source = _value(part)
    if isinstance(source, Earliest):
        part.note("`earliest` gives a moment; write a `path` or a template here.")
        return None
    return source


def _moment(part: Part) -> ValueSource | None:
    """Read where a moment comes from."""
    source = _value(part)
    if isinstance(source, Lookup) and (source.renamed or source.default is not MISSING):
        part.note("A moment is read as it is told. Leave `map` and `default` out.")
        return None
    if isinstance(source, Constant):
        part.expected('a path such as `{"path": "closed_at"}`')
        return None
    return source


def _template(part: Part) -> Template | None:
    found = text(_LONGEST_TEMPLATE)(part)
    if found is None:
        return None
    template = Template(found)
    rest = found
    for path in template.paths:
        rest = rest.replace(f"{{{path}}}", "", 1)
    if "{" in rest or "}" in rest:
        part.note("A brace is left over. Write each path in braces of its own, such as `{number}-solved`.")
        return None
    return template


# ---------------------------------------------------------------- small words


def _path(part: Part) -> str | None:
    return text(_LONGEST_PATH)(part)


def _plain_text(part: Part) -> str | None:
    """Read a text, which may be empty."""
    if isinstance(part.value, str):
        return part.value
    part.expected("text")
    return None


def _source(part: Part) -> str | None:
    found = text(64)(part)
    if found is not None and not _SOURCE.fullmatch(found):
        part.note("Write lower-case words joined by hyphens, such as `servicenow-incidents`.")
        return None
    return found


def _zone(part: Part) -> ZoneInfo | None:
    if isinstance(part.value, str) and part.value in zones():
        return ZoneInfo(part.value)
    meant = nearest(part.value, zones()) if isinstance(part.value, str) else None
    hint = f" Did you mean `{meant}`?" if meant else ""
    part.note(f"This is no time zone. Write an IANA name such as `Europe/Madrid`.{hint}")
    return None


def _date_format(part: Part) -> str | None:
    """Read a format; one that loses the day is refused."""
    found = text(_LONGEST_PATH)(part)
    if found is None or found in {ISO, UNIX}:
        return found
    if _keeps_the_day(found):
        return found
    part.note("This is no date format. Write `iso`, `unix`, or one such as `%d-%m-%Y %H:%M`.")
    return None


def _keeps_the_day(style: str) -> bool:
    """Say whether a day written in this format is read again as the same day."""
    try:
        return datetime.strptime(_PROBE.strftime(style), style).date() == _PROBE.date()  # noqa: DTZ007 - a day only
    except (ValueError, re.error):
        return False


def _event_type(part: Part) -> str | None:
    try:
        found: str | None = EventType().deserialize(part.value)
    except ValidationError as error:
        part.note(str(error.messages[0]))
        return None
    return found
