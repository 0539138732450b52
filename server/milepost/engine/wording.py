"""Small words: numbers, lengths, lists and event types as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from milepost.engine.lengths import describe_length

#: Participles that do not end in ``ed``; an event type mostly ends in one.
_PARTICIPLES = frozenset(
    {
        "begun", "bought", "brought", "built", "caught", "cut", "done", "drawn", "driven", "fallen",
        "forgotten", "found", "given", "gone", "grown", "held", "kept", "known", "left", "lost", "made",
        "met", "paid", "put", "quit", "read", "rewritten", "run", "seen", "sent", "set", "shown", "shut",
        "sold", "spent", "spoken", "split", "taken", "taught", "told", "undone", "won", "written",
    }
)  # fmt: skip
#: Nouns that are their own plural.
_UNCOUNTED = frozenset({"data", "feedback", "information", "series", "software", "stock", "work"})


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Write a list as in a sentence: ``a, b and c``."""
    *others, final = words or [""]
    return f"{', '.join(others)} {last} {final}" if others else final


def number_text(value: Decimal | float) -> str:
    """Write a number without needless zeros, with commas between the thousands."""
    return f"{Decimal(str(value)).normalize():,f}"


def share_text(value: Decimal) -> str:
    """Write a share from 0 to 1 as a percentage."""
    return f"{number_text(value * 100)} %"


def counted_text(value: Decimal | float, singular: str) -> str:
    """Write a number with its noun: ``1 point``, ``5 points``."""
    return f"{number_text(value)} {singular if value == 1 else plural(singular)}"


def plural(noun: str) -> str:
    """Give the plural of the last word of *noun*."""
    head, _, word = noun.rpartition(" ")
    if word.lower() in _UNCOUNTED:
        return noun
    if word.endswith("y") and word[-2:-1] not in {"a", "e", "i", "o", "u", ""}:
        word = word[:-1] + "ies"
    else:
        word += "es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s"
    return f"{head} {word}".strip()


def with_article(noun: str) -> str:
    """Put *a* or *an* before a noun, by its sound as far as spelling tells."""
    first = noun.partition(" ")[0]
    if first.isupper() and len(first) > 1:
        vowel = first[0] in "AEFHILMNORSX"
    else:
        lower = first.lower()
        vowel = lower[:1] in set("aeiou") and not lower.startswith(("eu", "one", "uni", "use", "usu", "uti"))
    return f"{'an' if vowel else 'a'} {noun}"


def length_text(length: timedelta, *, working: bool = False) -> str:
    """Write a length: ``72 hours``, ``30 days``, ``2 hours of working time``."""
    return f"{describe_length(length, working=working)}{' of working time' if working else ''}"


def value_text(value: Any) -> str:
    """Write the operand of a condition; text of several words stands in quotation marks."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return moment_text(value)
    text = str(value)
    return text if text and text.replace("-", "").replace("_", "").isalnum() else f'"{text}"'


def moment_text(moment: datetime) -> str:
    """Write a moment as a day, with the time of day unless it is midnight."""
    day = f"{moment.day} {moment:%B %Y}"
    return day if moment.time() == time() else f"{day}, {moment:%H:%M}"


def type_words(event_type: str) -> str:
    """Read an event type as words: ``ticket.solved`` is *ticket solved*."""
    return " ".join(event_type.replace(".", " ").replace("_", " ").replace("-", " ").split())


def types_noun(types: Sequence[str]) -> str:
    """Name events of some types in the singular: *solved ticket*, *won or lost deal*."""
    return " or ".join(_each_noun(types))


def types_nouns(types: Sequence[str]) -> str:
    """Name events of some types in the plural: *solved tickets*."""
    return " or ".join(plural(noun) for noun in _each_noun(types))


def _each_noun(types: Sequence[str]) -> list[str]:
    """Give the singular names, one for each noun."""
    named: dict[str, list[str]] = {}
    for event_type in types:
        noun, participle = _noun_and_participle(event_type)
        named.setdefault(noun, []).append(participle)
    return [f"{join_words(done, 'or')} {noun}".strip() for noun, done in named.items()]


def _noun_and_participle(event_type: str) -> tuple[str, str]:
    """Split ``ticket.solved`` into *ticket* and *solved*; anything else is an event of that name."""
    head, _, last = event_type.rpartition(".")
    words = type_words(last)
    if head and " " not in words and (words.endswith("ed") or words in _PARTICIPLES):
        return type_words(head), words
    return "event", f'"{type_words(event_type)}"'


def types_quoted(types: Sequence[str]) -> str:
    """Name event types as they are told: ``"ticket reopened"``."""
    return join_words([f'"{type_words(event_type)}"' for event_type in types], "or")
