"""What the places take: the schemas of their payloads and the limits that no schema can say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: What parts an address so that it is no link.
_APART = "\u2060"
SCHEMAS = Path(__file__).parent / "schemas"
SLACK_CHARACTERS = 12_000
TEAMS_BYTES = 24_000


def slack_problems(payload: Any) -> list[str]:
    """Say what Slack would refuse in a payload, and what it could read as more than text."""
    problems = _schema_problems("slack", payload)
    if len(json.dumps(payload, ensure_ascii=False, separators=(",", ":"))) > SLACK_CHARACTERS:
        problems.append(f"more than {SLACK_CHARACTERS} characters")
    return problems


def teams_problems(payload: Any) -> list[str]:
    """Say what Teams would refuse in a payload, and what it could read as more than text."""
    problems = _schema_problems("teams", payload)
    if len(json.dumps(payload, separators=(",", ":"))) > TEAMS_BYTES:
        problems.append(f"more than {TEAMS_BYTES} bytes")
    return problems


def slack_texts(payload: Any) -> list[str]:
    """Give every text that Slack shows in blocks, as it shows it."""
    return [_unescaped(text["text"]) for text in _objects(payload["blocks"]) if text.get("type") == "plain_text"]


def card_texts(payload: Any) -> list[str]:
    """Give every text block of a card, as it is written."""
    return [one["text"] for one in payload["attachments"][0]["content"]["body"]]


def markdown_reads(text: str) -> list[str]:
    """Give the paragraphs that another reader of Markdown finds; whatever is more than text is named instead."""
    paragraphs = []
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            kinds = {child.type for child in token.children or ()} - {"text"}
            paragraphs.append(f"not only text: {sorted(kinds)}" if kinds else token.children[0].content)
        elif token.type not in {"paragraph_open", "paragraph_close"}:
            paragraphs.append(f"no paragraph: {token.type}")
    return [paragraph.replace(_APART, "") for paragraph in paragraphs]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _objects(one)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _schema_problems(name: str, payload: Any) -> list[str]:
    json.dumps(payload, ensure_ascii=False).encode()  # fails for what is no UTF-8
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator(name).iter_errors(payload)]


@lru_cache(maxsize=2)
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
