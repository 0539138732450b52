"""Events on the wire: from a document to an `Event` and back."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeAlias

import orjson
from marshmallow import ValidationError, fields, validate, validates_schema

from milepost.engine.events import Event
from milepost.errors import Invalid, Problem, invalid
from milepost.schemas.addresses import same_address
from milepost.schemas.base import BaseSchema, field_errors, refused
from milepost.schemas.moments import read_moment
from milepost.schemas.words import Word

#: Gives the time zone of an actor (None: of nobody in particular), for moments told without one.
ZoneOf: TypeAlias = Callable[[str | None], tzinfo]

#: Clocks of source systems run ahead; further than this is a mistake.
FUTURE_LIMIT = timedelta(minutes=5)
#: Events in one call.
BATCH_LIMIT = 500
PROPERTIES_LIMIT = 200
PROPERTY_NAME_LIMIT = 100

_EVENT_TYPE = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class Loaded:
    """An event, and what was made good on the way to it."""

    event: Event
    warnings: tuple[str, ...] = ()
    #: False: nobody said when it occurred, and it was taken to be now.
    is_dated: bool = True


class EventType(Word):
    """Dotted, lower-case words: ``ticket.solved``."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        word = super()._deserialize(value, attr, data, **more)
        if not _EVENT_TYPE.fullmatch(word):
            raise ValidationError(
                "This must be lower-case words joined by dots that say what happened, such as ticket.solved."
            )
        return word


def _check_properties(properties: dict[str, Any]) -> None:
    """Refuse what nobody could name in a rule."""
    if len(properties) > PROPERTIES_LIMIT:
        raise ValidationError(f"Send at most {PROPERTIES_LIMIT} properties: those that rules need.")
    for name in properties:
        if not name.strip() or len(name) > PROPERTY_NAME_LIMIT:
            raise ValidationError({name: [f"The name of a property has 1 to {PROPERTY_NAME_LIMIT} characters."]})


class EventSchema(BaseSchema):
    """Something that happened once, told by a source system."""

    id = Word(
        load_default=None,
        allow_none=True,
        metadata={"description": "Stays the same when the record is told again.", "example": "zd-123"},
    )
    type = EventType(required=True, metadata={"example": "ticket.solved"})
    actor = Word(
        load_default=None,
        allow_none=True,
        metadata={"description": "Who did it; mostly an e-mail address.", "example": "ana@example.com"},
    )
    subject = Word(
        load_default=None,
        allow_none=True,
        metadata={"description": "The record it happened to.", "example": "ticket-123"},
    )
    occurred_at = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={"type": "string", "format": "date-time", "description": "When it happened; now, if left out."},
    )
    revised_at = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={"type": "string", "format": "date-time", "description": "When the record was last changed."},
    )
    properties = fields.Dict(
        load_default=dict,
        validate=_check_properties,
        metadata={"description": "What rules test; texts are read as the rule needs.", "example": {"csat": "5"}},
    )

    @validates_schema
    def check_owner(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse an event that concerns nobody."""
        if not values.get("actor") and not values.get("subject"):
            raise ValidationError("Give an *actor* (who did it), a *subject* (what it happened to) or both.")


class EvaluateSchema(EventSchema):
    """An event to be told, or only tried."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Answer as if it had been told, and keep nothing."}
    )


class BatchSchema(BaseSchema):
    """Many events told at once."""

    events = fields.List(
        fields.Raw(metadata={"type": "object"}),
        required=True,
        validate=validate.Length(min=1, max=BATCH_LIMIT, error=f"Send 1 to {BATCH_LIMIT} events at a time."),
        metadata={"description": f"Up to {BATCH_LIMIT} events, each as for POST /v1/evaluate."},
    )


class CheckInSchema(EventSchema):
    """A check-in: an event of the type that the streak counts."""

    class Meta:
        """The streak knows the type."""

        exclude = ("type",)


_EVENT = EventSchema()
_EVALUATE = EvaluateSchema()
_CHECK_IN = CheckInSchema()


def load_event(document: Any, *, now: datetime, zone_of: ZoneOf, fallback_id: str | None = None) -> Loaded:
    """Turn a document into an event, or raise `Invalid` with every place that needs a correction.

    Without an id it gets one that the same telling would get again, made of its content or,
    where that does not suffice, of *fallback_id* (such as an idempotency key).
    """
    return _make_event(_load(_EVENT, document), now=now, zone_of=zone_of, fallback_id=fallback_id)


def load_evaluate(
    document: Any, *, now: datetime, zone_of: ZoneOf, fallback_id: str | None = None
) -> tuple[Loaded, bool]:
    """Do the same for the body of *evaluate*, which may ask for a dry run."""
    values = _load(_EVALUATE, document)
    return _make_event(values, now=now, zone_of=zone_of, fallback_id=fallback_id), values["dry_run"]


def load_check_in(
    document: Any, *, event_type: str, now: datetime, zone_of: ZoneOf, fallback_id: str | None = None
) -> Loaded:
    """Do the same for a check-in, whose event is of *event_type*."""
    values = {**_load(_CHECK_IN, document), "type": event_type}
    return _make_event(values, now=now, zone_of=zone_of, fallback_id=fallback_id)


def _load(schema: BaseSchema, document: Any) -> dict[str, Any]:
    try:
        values: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise refused(field_errors(error.messages)) from None
    return values


def _make_event(values: Mapping[str, Any], *, now: datetime, zone_of: ZoneOf, fallback_id: str | None) -> Loaded:
    actor = same_address(values["actor"])
    warnings: list[str] = []
    zone = _Zone(actor, zone_of)
    occurred_at = _load_moment(values["occurred_at"], "occurred_at", zone=zone, warnings=warnings)
    revised_at = _load_moment(values["revised_at"], "revised_at", zone=zone, warnings=warnings)
    if occurred_at is None:
        warnings.append("Without *occurred_at* the event is taken to have happened now.")
    event = Event(
        id=values["id"] or _derive_id(values, actor, occurred_at, fallback_id, warnings),
        type=values["type"],
        actor=actor,
        subject=values["subject"],
        occurred_at=occurred_at or now,
        revised_at=revised_at,
        properties=values["properties"],
    )
    problem = future_problem(event, now=now)
    if problem is not None:
        raise problem
    return Loaded(event, tuple(warnings), is_dated=occurred_at is not None)


def load_events(
    documents: list[Any], *, now: datetime, zone_of: ZoneOf, fallback_id: str | None = None
) -> list[Loaded | Problem]:
    """Turn documents into events; one that cannot be becomes its problem.

    *fallback_id* names the call; an event with neither id nor time is known by its place in it.
    """
    return [
        _loaded_or_problem(
            document, now=now, zone_of=zone_of, fallback_id=f"{fallback_id} {place}" if fallback_id else None
        )
        for place, document in enumerate(documents)
    ]


def event_document(event: Event) -> dict[str, Any]:
    """Give an event as the document that `load_event` reads."""
    return {
        "id": event.id,
        "type": event.type,
        "actor": event.actor,
        "subject": event.subject,
        "occurred_at": event.occurred_at.isoformat(),
        "revised_at": event.revised_at.isoformat() if event.revised_at else None,
        "properties": dict(event.properties),
    }


@dataclass(frozen=True, slots=True)
class _Zone:
    """An actor's zone, looked up only when a moment needs it."""

    actor: str | None
    find: ZoneOf

    def __call__(self) -> tzinfo:
        return self.find(self.actor)


def _load_moment(value: Any, name: str, *, zone: Callable[[], tzinfo], warnings: list[str]) -> datetime | None:
    """Read a moment and warn about a missing zone."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        moment = read_moment(value)
    except ValueError as error:
        raise refused(field_errors({name: [str(error)]})) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone())
        warnings.append(f"*{name}* has no time zone; it was taken as {moment.tzinfo}.")
    return moment.astimezone(UTC)


def future_problem(event: Event, *, now: datetime) -> Invalid | None:
    """Give the problem of an event that has not happened yet; a source's clock may run ahead a little."""
    if event.occurred_at - now <= FUTURE_LIMIT:
        return None
    return invalid(
        "/occurred_at",
        f"*occurred_at* is {event.occurred_at.isoformat()}, and it is {now.isoformat(timespec='seconds')} now. "
        "Send events once they have happened, and check the time zone.",
    )


def _derive_id(
    values: Mapping[str, Any],
    actor: str | None,
    occurred_at: datetime | None,
    fallback: str | None,
    warnings: list[str],
) -> str:
    """Give the id that the same telling would get again, if there is enough to make one of."""
    if occurred_at is not None:
        parts: list[Any] = [values["type"], actor, values["subject"], occurred_at.isoformat()]
    elif fallback is not None:
        parts = ["idempotency-key", fallback]
    else:
        warnings.append("Without an id and *occurred_at* a retry would count twice. Send an id.")
        return f"ev_{secrets.token_hex(16)}"
    return f"ev_{hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]}"


def _loaded_or_problem(document: Any, *, now: datetime, zone_of: ZoneOf, fallback_id: str | None) -> Loaded | Problem:
    try:
        return load_event(document, now=now, zone_of=zone_of, fallback_id=fallback_id)
    except Invalid as problem:
        return problem
