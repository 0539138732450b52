"""Read a body from outside safely: JSON or a form, within limits, unambiguous."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from milepost.errors import BodyUnreadable, ContentTypeUnknown
from milepost.schemas.base import shorten

#: How deep lists and objects may lie in one another.
DEPTH_LIMIT = 32
#: How many keys one object may have.
KEYS_LIMIT = 1_000
#: How long one text may be, in characters.
TEXT_LIMIT = 100_000
#: How long a key of an object may be.
KEY_LENGTH_LIMIT = 200
#: How many digits a number may have; more cannot be kept exactly.
DIGITS_LIMIT = 40
#: What fits every store and every reader of the answer.
LARGEST_INTEGER = 2**63 - 1

FORM_TYPE = "application/x-www-form-urlencoded"


def read_json(request: Request) -> Any:
    """Read a JSON body; the problem raised says what to do about one that is not clean."""
    _require_plain(request)
    if not _is_json(request):
        _refuse_type(request, "Send JSON with the header Content-Type: application/json.")
    return parse_json(read_bytes(request))


def read_json_or_form(request: Request) -> Any:
    """Read a JSON body, or a form as the document it stands for."""
    _require_plain(request)
    if request.mimetype == FORM_TYPE:
        return parse_form(read_bytes(request))
    if not _is_json(request):
        _refuse_type(request, f"Send JSON with the header Content-Type: application/json, or a form as {FORM_TYPE}.")
    return parse_json(read_bytes(request))


def read_bytes(request: Request) -> bytes:
    """Read the whole body; one sent in chunks is cut off at the limit without a word, so that is refused here."""
    body = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge
    return body


def parse_json(body: bytes) -> Any:
    """Parse JSON strictly: no duplicate keys, nothing that is no JSON, nothing that cannot be kept."""
    text = _decode(body)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BodyUnreadable(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}. "
            "Check the quotes, commas and brackets there."
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    if _may_hold_trouble(text):
        _check(document, depth=1)
    return document


def parse_form(body: bytes) -> dict[str, Any]:
    """Turn form fields into a document.

    ``properties.csat=5`` and ``properties[csat]=5`` are entries of ``properties``;
    ``evidence[]=a`` is an item of a list. A blank field counts as left out, unless it
    is a property, where blank means empty.
    """
    text = _decode(body)
    if text.lstrip().startswith("{"):
        raise BodyUnreadable(
            "The body is JSON but is announced as a form. Set the header Content-Type: application/json."
        )
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=KEYS_LIMIT)
    except UnicodeDecodeError as error:
        raise BodyUnreadable("The form is not UTF-8. Encode its fields as UTF-8.") from error
    except ValueError as error:
        raise BodyUnreadable(f"The form has more than {KEYS_LIMIT} fields. Send fewer.") from error
    document: dict[str, Any] = {}
    for name, value in pairs:
        if len(name) > KEY_LENGTH_LIMIT:
            raise BodyUnreadable(f"The field {_short(name)} has over {KEY_LENGTH_LIMIT} characters. Use a shorter one.")
        _place(document, name, value)
    _check(document, depth=1)
    return document


def _place(document: dict[str, Any], name: str, value: str) -> None:
    """Put one form field where it belongs in the document."""
    if name.startswith("properties.") or (name.startswith("properties[") and name.endswith("]")):
        properties = document.setdefault("properties", {})
        if not isinstance(properties, dict):
            raise BodyUnreadable("The form has *properties* both as one field and as several. Send only the several.")
        key = name.removeprefix("properties")
        _put_once(properties, key[1:] if key.startswith(".") else key[1:-1], value)
    elif name.endswith("[]"):
        items = document.setdefault(name[:-2], [])
        if not isinstance(items, list):
            _refuse_duplicate(name[:-2])
        items.append(value)
    elif value.strip():
        _put_once(document, name, value)


def _put_once(target: dict[str, Any], name: str, value: str) -> None:
    if name in target:
        _refuse_duplicate(name)
    target[name] = value


def _require_plain(request: Request) -> None:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise ContentTypeUnknown("The body is compressed. Send it uncompressed, without Content-Encoding.")


def _is_json(request: Request) -> bool:
    return request.mimetype == "application/json" or (
        request.mimetype.startswith("application/") and request.mimetype.endswith("+json")
    )


def _refuse_type(request: Request, fix: str) -> NoReturn:
    sent = request.mimetype
    said = f"The body is announced as {sent[:60]}." if sent else "The body's kind is not announced."
    raise ContentTypeUnknown(f"{said} {fix}")


def _decode(body: bytes) -> str:
    if not body.strip():
        raise BodyUnreadable("The body is empty. Send a JSON object.")
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) or b"\x00" in body[:4]:
        raise BodyUnreadable("The body is not plain UTF-8. Save or send it as UTF-8 without a byte order mark.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BodyUnreadable(f"The body is not UTF-8: byte {error.start} cannot be read. Send it as UTF-8.") from error


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > KEYS_LIMIT:
        raise BodyUnreadable(f"An object in the body has more than {KEYS_LIMIT:,} keys. Send only what rules need.")
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        _refuse_duplicate(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    for key in document:
        if len(key) > KEY_LENGTH_LIMIT:
            raise BodyUnreadable(f"The key {_short(key)} has over {KEY_LENGTH_LIMIT} characters. Use a shorter one.")
    return document


def _refuse_duplicate(name: str) -> NoReturn:
    raise BodyUnreadable(f"The body has {_short(name)} twice, and it is unclear which one is meant. Send it once.")


def _read_integer(text: str) -> int:
    if len(text) > DIGITS_LIMIT or abs(int(text)) > LARGEST_INTEGER:
        raise BodyUnreadable(f"The number {_short(text)} is too large to keep exactly. Send it as a text in quotes.")
    return int(text)


def _read_number(text: str) -> float:
    value = float(text)
    if len(text) > DIGITS_LIMIT or value in (float("inf"), float("-inf")):
        raise BodyUnreadable(
            f"The number {_short(text)} cannot be kept. Send it as a text in quotes, or a smaller one."
        )
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise BodyUnreadable(f"{name} is no JSON number. Send null, or leave the value out.")


def _may_hold_trouble(text: str) -> bool:
    """Say whether the walk through all values could find anything; for most bodies it could not."""
    return len(text) > TEXT_LIMIT or "\\u" in text or text.count("[") + text.count("{") > DEPTH_LIMIT


def _check(value: Any, *, depth: int) -> None:
    """Refuse what lies too deep and text that cannot be kept or written out again."""
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, (dict, list)):
        if depth > DEPTH_LIMIT:
            raise _too_deep()
        for key in value if isinstance(value, dict) else ():
            _check_text(key)
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth=depth + 1)


def _check_text(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise BodyUnreadable(f"The text {_short(text)} is longer than {TEXT_LIMIT:,} characters. Send less of it.")
    # isascii keeps the usual case cheap; a lone surrogate is what cannot be encoded.
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BodyUnreadable(
                "A text in the body holds half of a character (a lone surrogate). Send the whole character or none."
            ) from error
    if "\x00" in text:
        raise BodyUnreadable(f"The text {_short(text)} holds a NUL character. Remove it.")


def _too_deep() -> BodyUnreadable:
    return BodyUnreadable(f"The body is nested more than {DEPTH_LIMIT} levels deep. Send a flatter one.")


def _short(text: str) -> str:
    """Show the beginning of a text, such that it can be written out again."""
    return f"'{shorten(ascii(text[:200])[1:-1], 40)}'"


# Made once: making a decoder costs as much as reading a small body.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_read_object,
    parse_int=_read_integer,
    parse_float=_read_number,
    parse_constant=_refuse_constant,
)
