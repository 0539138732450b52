"""What all schemas share: unknown fields are refused with the nearest name that exists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from marshmallow.utils import get_value

from milepost.errors import FieldError, Invalid

UNKNOWN_FIELD = "Unknown field."
#: Marshmallow's messages in words that say what to do.
REWORDED = {
    "Missing data for required field.": "This is needed.",
    "Field may not be null.": "This may not be null; leave it out instead.",
    "Not a valid string.": "This must be a text.",
    "Not a valid integer.": "This must be a whole number.",
    "Not a valid number.": "This must be a number.",
    "Not a valid boolean.": "This must be true or false.",
    "Not a valid list.": "This must be a list.",
    "Not a valid mapping type.": "This must be an object.",
    "Invalid input type.": "This must be an object.",
    "Not a valid {obj_type}.": "This must be a {obj_type} such as 2026-03-02T10:00:00+01:00.",
    "Not a valid {awareness} {obj_type}.": "This needs its zone, such as 2026-03-02T10:00:00+01:00.",
}


def shorten(text: str, limit: int = 60) -> str:
    """Show no more than the beginning of a long text."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def unknown_word(word: str, known: Collection[str], *, what: str = "a field") -> str:
    """Say that *word* does not exist here, and which one may be meant."""
    shown = shorten(word)
    nearest = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    hint = f"Did you mean *{nearest[0]}*?" if nearest else f"Known here: {', '.join(sorted(known)) or 'nothing'}."
    return f"*{shown}* is not {what} here. {hint}"


class BaseSchema(Schema):
    """A schema that refuses what it does not know."""

    class Meta:
        """Unknown fields are errors; the order of fields is the order of the answer."""

        unknown = RAISE

    def __init__(self, **options: Any) -> None:
        """Reword the schema's own messages."""
        super().__init__(**options)
        for name, text in self.error_messages.items():
            self.error_messages[name] = REWORDED.get(str(text), str(text))

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Reword the messages of a field; a list's items are fields as well."""
        del field_name
        for name, text in field_obj.error_messages.items():
            field_obj.error_messages[name] = REWORDED.get(str(text), text)
        if isinstance(field_obj, fields.List):
            self.on_bind_field("", field_obj.inner)

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_more: Any) -> None:
        """Name the nearest field wherever one is unknown."""
        del data
        messages = error.messages
        if not isinstance(messages, dict):
            return
        for level in messages.values() if many else (messages,):
            if isinstance(level, dict):
                self._name_nearest(level)

    def _name_nearest(self, messages: dict[Any, Any]) -> None:
        names = [field.data_key or name for name, field in self.load_fields.items()]
        for name, texts in messages.items():
            if texts == [UNKNOWN_FIELD] and name not in names:
                messages[name] = [unknown_word(str(name), names)]


class PageQuerySchema(BaseSchema):
    """Which part of a list to give."""

    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=200),
        metadata={"description": "How many at most, up to 200."},
    )
    after = fields.String(
        load_default=None,
        validate=validate.Length(max=300),
        metadata={"description": "The `next_after` of the page before."},
    )


def page_of(schema: type[Schema]) -> type[Schema]:
    """Make the schema of one page of a list."""
    return BaseSchema.from_dict(
        {
            "items": fields.List(fields.Nested(schema)),
            "next_after": fields.String(
                allow_none=True, metadata={"description": "Give it as `after` for the next page; null at the end."}
            ),
        },
        name=schema.__name__.removesuffix("Schema") + "PageSchema",
    )


def page_document(items: Sequence[Any], *, limit: int | None = None, key: str = "id") -> dict[str, Any]:
    """Give one page of a list; a full page names its last item, after which the next one begins."""
    full = limit is not None and len(items) == limit
    last = items[-1] if full else None
    return {"items": items, "next_after": get_value(last, key) if full else None}


def field_errors(messages: Any, *, pointer: str = "") -> list[FieldError]:
    """Flatten marshmallow's nested messages into one line for each place."""
    if isinstance(messages, Mapping):
        return [
            error
            for name, inner in messages.items()
            for error in field_errors(inner, pointer=pointer if name == "_schema" else f"{pointer}/{_escape(name)}")
        ]
    texts = messages if isinstance(messages, list) else [messages]
    return [FieldError(pointer, str(text)) for text in texts]


def refused(errors: list[FieldError]) -> Invalid:
    """Give the problem for a list of places; its detail is the first sentence."""
    first = errors[0]
    where = first.pointer.strip("/").replace("/", ".")
    # A sentence that names its field itself needs no place before it.
    named = (
        f"{where}: {first.message}" if where and f"*{where.rpartition('.')[2]}*" not in first.message else first.message
    )
    more = f" ({len(errors) - 1} more: see errors.)" if len(errors) > 1 else ""
    return Invalid(named + more, errors=errors)


def _escape(name: Any) -> str:
    """Write a name as a step of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")
