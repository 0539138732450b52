"""A message as Teams wants it: an Adaptive Card in the envelope that a Workflows webhook takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from milepost.delivery.fit_message import fit_message, shown_sections
from milepost.delivery.message import Message, Section
from milepost.delivery.plain_text import escape_to_fit

#: Teams refuses what is larger than about 28 KB.
MOST_BYTES = 24_000
#: Bytes of one text block, and the most that one character takes.
_BLOCK, _WIDEST = 6_000, 12
#: How much larger than in UTF-8 it may be in nothing but ASCII.
_GROWTH = 3
_ENCODER = json.JSONEncoder(separators=(",", ":"))
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
_VERSION = "1.4"
#: Shows nothing: what it parts is no address and no date.
_APART = "\u2060"
#: Emphasis, code, links, entities, and the dates that a card counts out for its reader.
_MARKUP = re.compile(r"[\\`*_~\[\]<{]|&(?=#?\w+;)")
#: A list, a heading, a quotation or a rule, at the beginning of a line; of a numbered list its dot.
_OPENING = re.compile(r"^([-+#>])|^(\d{1,9})([.)])", re.MULTILINE)
_BREAKS = re.compile(r"\n+")


def teams_payload(message: Message) -> dict[str, Any]:
    """Shape a message for a Workflows webhook of Teams; no mention is possible, since none is declared."""
    return fit_message(message, _payload, _fits)


def escape(text: str) -> str:
    """Escape what a text block reads as Markdown; a line break becomes a new paragraph."""
    text = _OPENING.sub(r"\2\\\1\3", _MARKUP.sub(r"\\\g<0>", text))
    return _BREAKS.sub("\n\n", text.replace("://", f":/{_APART}/"))


def _fits(payload: dict[str, Any]) -> bool:
    is_small = _GROWTH * len(orjson.dumps(payload)) <= MOST_BYTES
    return is_small or _size(payload) <= MOST_BYTES


def _size(value: Any) -> int:
    """Count bytes as a client sends them that writes nothing but ASCII: six for a letter, twelve for an emoji."""
    return len(_ENCODER.encode(value))


def _payload(message: Message) -> dict[str, Any]:
    body = [_text(message.title, size="Large", weight="Bolder")]
    for section in shown_sections(message):
        body += _section(section)
    if message.footer:
        body.append(_text(message.footer, size="Small", isSubtle=True, separator=True))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": _VERSION,
        "lang": "en",
        "body": body,
        "msteams": {"width": "Full"},
    }
    if message.actions:
        card["actions"] = [{"type": "Action.OpenUrl", "title": one.label, "url": one.url} for one in message.actions]
    attachment = {"contentType": CONTENT_TYPE, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _section(section: Section) -> Iterator[dict[str, Any]]:
    if section.heading:
        yield _text(section.heading, weight="Bolder", spacing="Large")
    for line in section.lines:
        yield _text(line.text)
        if line.detail:
            yield _text(line.detail, size="Small", isSubtle=True, spacing="None")


def _text(text: str, **form: Any) -> dict[str, Any]:
    written = escape(text)
    if len(written) * _WIDEST > _BLOCK:
        written = escape_to_fit(text, escape, most=_BLOCK, size=_size)
    return {"type": "TextBlock", "text": written, "wrap": True, **form}
