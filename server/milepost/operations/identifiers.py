"""What names a person, and how it is found in texts and put out of them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from milepost.delivery import adaptive_card, block_kit
from milepost.delivery.plain_text import clean
from milepost.engine.people import Actor
from milepost.storage.base import Reading

Row = Mapping[str, Any]

#: A shorter one would stand in too many other words.
_SHORTEST_WORD = 3
_SHORTEST_CODE = 5


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The texts that name one person, sorted by how sure it is that they mean this person."""

    actor_id: str
    name: str | None
    aliases: Collection[str] = ()
    #: Ids and names of other people in which one of these stands, such as ``joana@example.com``.
    others: Collection[str] = ()

    def distinctive(self) -> frozenset[str]:
        """Give what means this person wherever it stands: addresses, whole names, codes of letters and digits."""
        names = [self.name] if self.name and not self._is_shared(self.name) else []
        found = {text for text in (self.actor_id, *self.aliases, *names) if is_distinctive(text)}
        return frozenset(found | {way for text in found if " " in text.strip() for way in _other_orders(text)})

    def words(self) -> frozenset[str]:
        """Give what means this person only in what is about this person anyway: first names, short ids, numbers."""
        parts = {self.actor_id, self.actor_id.split("@", maxsplit=1)[0], *self.aliases}
        if self.name:
            parts |= {self.name, *(part for part in self.name.split() if len(part) >= _SHORTEST_WORD)}
            parts.add(self.name.split()[0])
        return frozenset(part for part in parts if any(map(str.isalpha, part)))

    def hints(self) -> frozenset[str]:
        """Give the texts of which one stands in every row that names the person."""
        return frozenset({self.actor_id, *self.distinctive()})

    def _is_shared(self, name: str) -> bool:
        return name.casefold() in {other.casefold() for other in self.others}


def identifiers_of(reading: Reading, person: Actor) -> Identifiers:
    """Gather what names a person, and who else is named alike."""
    aliases = frozenset(reading.aliases(person.id).values())
    texts = [text for text in (person.id, person.name, *aliases) if text and is_distinctive(text)]
    others = {
        name
        for part in texts
        for actor in reading.actors(search=part)
        if actor.id != person.id
        for name in (actor.id, actor.name)
        if name
    }
    return Identifiers(person.id, person.name, aliases, frozenset(others))


def rows_that_name(reading: Reading, identifiers: Identifiers) -> Iterator[tuple[str, Row]]:
    """Give the rows in which a person is named, by table, in the order of `Reading.mentions`; a few more may be."""
    hide = Hiding(identifiers.distinctive() | identifiers.words(), word="", except_in=identifiers.others)
    quoted = f'"{identifiers.actor_id}"'

    def is_named_in(value: object) -> bool:
        if not isinstance(value, str):
            return False
        return value == identifiers.actor_id or quoted in value or hide(value) != value

    return ((table, row) for table, row in reading.mentions(identifiers.hints()) if any(map(is_named_in, row.values())))


class Hiding:
    """Puts a word in the place of texts, where they stand by themselves."""

    def __init__(self, texts: Collection[str], *, word: str, except_in: Collection[str] = ()) -> None:
        """Look for *texts* whatever their case; leave those alone that are part of a longer one in *except_in*."""
        self._texts = texts
        self._except_in = except_in
        self._word = word

    def __call__(self, text: str) -> str:
        """Give *text* with the word in place of what is looked for."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._word if found["hidden"] else found[0], text)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self._texts:
            return None
        hidden = "|".join(_alternatives(self._texts))
        kept = "|".join(_alternatives(self._except_in))
        # an underscore parts words here: ids are made with it
        choices = f"(?:{kept})|(?P<hidden>{hidden})" if kept else f"(?P<hidden>{hidden})"
        return re.compile(rf"(?<![^\W_])(?:{choices})(?![^\W_])", re.IGNORECASE)


def is_distinctive(text: str) -> bool:
    """Say whether a text means one person wherever it stands, and never happens to be something else."""
    text = text.strip()
    letters, digits = any(map(str.isalpha, text)), any(map(str.isdigit, text))
    if "@" in text[1:] or (letters and len(text.split()) > 1):
        return True
    is_code = letters and len(text) >= _SHORTEST_CODE and (digits or any(mark in text for mark in "._-/"))
    return is_code or (len(text) > 1 and letters and not text.isascii())


def _other_orders(name: str) -> Iterator[str]:
    first, *rest = name.split()
    yield f"{' '.join(rest)}, {first}"
    yield f"{' '.join(rest)} {first}"


def _alternatives(texts: Iterable[str]) -> list[str]:
    """Give the longest first, so that a part never wins over the whole."""
    ways = {way for text in texts for way in _spellings(text)}
    return [r"\s+".join(map(re.escape, way.split())) for way in sorted(ways, key=lambda way: (-len(way), way))]


def _spellings(text: str) -> set[str]:
    """Give the ways in which programs write one text: composed or not, in addresses of the web, JSON and messages."""
    ways = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    shown = clean(text, most=max(len(text), 1))
    shaped = {shown, block_kit.escape(shown), adaptive_card.escape(shown)}
    return (ways | shaped | {quote(text, safe="")} | {json.dumps(text)[1:-1]}) - {""}
