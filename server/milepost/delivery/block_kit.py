"""A message as Slack wants it: Block Kit, with nothing in it that Slack could read as markup or as a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from milepost.delivery.fit_message import fit_message, shown_sections
from milepost.delivery.message import Action, Line, Message, Section
from milepost.delivery.plain_text import escape_to_fit

#: Slack takes 50 blocks and fails near 13,200 characters; see slackapi/bolt-js#2509.
MOST_BLOCKS = 40
MOST_CHARACTERS = 12_000
HEADER, SECTION, BUTTON = 150, 3000, 75
#: Characters of what is shown where blocks are not: in a notification.
FALLBACK = 1000
#: Characters of a line among others, and of its detail: together they go into one block.
_LINE, _DETAIL = 1900, 900
_FOOTER = 800
_BROADCAST = re.compile(r"@(?=(?:channel|everyone|group|here)\b)", re.IGNORECASE)
#: Shows nothing and belongs to no word: what it parts is no mention and no address.
_APART = "\u2060"


def slack_payload(message: Message) -> dict[str, Any]:
    """Shape a message for an incoming webhook of Slack, or for ``chat.postMessage`` beside a channel."""
    return fit_message(message, _payload, _fits)


def escape(text: str) -> str:
    """Escape the three characters that Slack reads; it shows them again as they were."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fits(payload: dict[str, Any]) -> bool:
    written = orjson.dumps(payload)
    is_short = len(written) <= MOST_CHARACTERS or len(written.decode()) <= MOST_CHARACTERS
    return is_short and len(payload["blocks"]) <= MOST_BLOCKS


def _payload(message: Message) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(message.title, HEADER)}]
    for number, section in enumerate(shown_sections(message)):
        if number:
            blocks.append({"type": "divider"})
        blocks += _section(section)
    if message.actions:
        blocks.append({"type": "actions", "elements": [_button(one) for one in message.actions]})
    if message.footer:
        blocks.append(_context(message.footer, _FOOTER))
    return {
        "text": escape_to_fit(message.text, _escape_fallback, most=FALLBACK),
        "blocks": blocks,
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _section(section: Section) -> Iterator[dict[str, Any]]:
    if len(section.lines) > 1 or section.heading:
        for text in _joined([escape(section.heading)] if section.heading else [], section.lines):
            yield {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
        return
    line = section.lines[0]
    yield {"type": "section", "text": _plain(line.text, SECTION)}
    if line.detail:
        yield _context(line.detail, SECTION)


def _joined(texts: list[str], lines: Iterable[Line]) -> Iterator[str]:
    """Give the lines of a section below its heading, in as few texts as hold them."""
    for line in lines:
        texts.append("• " + escape_to_fit(line.text, escape, most=_LINE))
        if line.detail:
            texts[-1] += "\n   " + escape_to_fit(line.detail, escape, most=_DETAIL)
        if len("\n".join(texts)) > SECTION:
            yield "\n".join(texts[:-1])
            del texts[:-1]
    yield "\n".join(texts)


def _button(action: Action) -> dict[str, Any]:
    return {"type": "button", "text": _plain(action.label, BUTTON), "url": action.url}


def _context(text: str, most: int) -> dict[str, Any]:
    return {"type": "context", "elements": [_plain(text, most)]}


def _plain(text: str, most: int) -> dict[str, Any]:
    # ``plain_text`` knows no markup; what is escaped as well stays text where somebody reads it as ``mrkdwn``
    return {"type": "plain_text", "text": escape_to_fit(text, escape, most=most), "emoji": False}


def _escape_fallback(text: str) -> str:
    """Escape what Slack may read beside blocks: it makes links of addresses, and mentions of bare names if asked."""
    return _BROADCAST.sub(f"@{_APART}", escape(text)).replace("://", f":/{_APART}/")
