"""Make text from outside plain: what is left shows itself, stays in its line's direction, and has an end."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator

#: Marks on one letter; the scripts that stack most need six, more of them only cover the lines around.
MOST_MARKS = 6
#: What holds emoji and Persian letters together or apart; every other invisible character is left out.
_JOINERS = "\u200c\u200d"
#: Signs of Arabic and Syriac numbers count as formatting, but are seen; the letter mark among them is not.
_SEEN_SIGNS = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2]")
_LINE_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_ORDINARY = re.compile(r"[\n -~]*")
#: The words of most texts: nothing is to be done about them.
_TIDY = re.compile(r"[!-~]+(?: [!-~]+)*")
#: What takes no room once it is cleaned away may be so many times as long as the rest.
_SLACK = 4


def clean(text: str, *, most: int) -> str:
    """Give a text without what is invisible, reorders its surroundings or cannot be encoded; lines stay lines.

    Longer texts end with an ellipsis after *most* characters.
    """
    if len(text) <= most and _TIDY.fullmatch(text):
        return text
    part = text[: most * _SLACK]
    if not _ORDINARY.fullmatch(part):
        part = "".join(_harmless(part.replace("\r\n", "\n")))
    lines = (" ".join(line.split()) for line in part.split("\n"))
    cleaned = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return shorten(cleaned + "…" if len(text) > most * _SLACK else cleaned, most=most)


def clean_line(text: str, *, most: int) -> str:
    """Give a clean text in one line."""
    cleaned = clean(text, most=most)
    return " ".join(cleaned.split()) if "\n" in cleaned else cleaned


def shorten(text: str, *, most: int) -> str:
    """Give a text of at most *most* characters, never cut within a letter and its marks."""
    if len(text) <= most:
        return text
    end = max(most - 1, 0)
    while end and (_is_mark(text[end]) or text[end - 1] in _JOINERS):
        end -= 1
    return text[:end].rstrip() + "…"


def escape_to_fit(text: str, escape: Callable[[str], str], *, most: int, size: Callable[[str], int] = len) -> str:
    """Give the escaped text, shortened so that it takes at most *most*, never cut within an escape."""
    written = escape(text)
    if size(written) <= most:
        return written
    too_long = bisect_left(range(len(text)), True, key=lambda kept: size(escape(shorten(text, most=kept))) > most)
    return escape(shorten(text, most=too_long - 1))


def _harmless(text: str) -> Iterator[str]:
    marks = MOST_MARKS  # a mark needs a letter before it
    for char in text:
        if _is_mark(char):
            marks += 1
            if marks <= MOST_MARKS:
                yield char
        elif written := _written(char):
            marks = MOST_MARKS if written.isspace() else 0
            yield written


def _is_mark(char: str) -> bool:
    return char > "\u02ff" and (unicodedata.category(char) in ("Mn", "Me") or char in _JOINERS)


def _written(char: str) -> str:
    """Give what is written for a character that is no mark: mostly itself, nothing for what cannot be seen."""
    if char in _LINE_BREAKS:
        return "\n"
    match unicodedata.category(char):
        case "Cc":
            return " " if char == "\t" else ""
        case "Cf":
            return char if _SEEN_SIGNS.match(char) else ""
        case "Cs":
            return "\ufffd"
        case "Cn" if ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef":  # noqa: PLR2004 - these mean no character
            return ""
        case _:
            return char
