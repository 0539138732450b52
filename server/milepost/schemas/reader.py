"""Reading JSON key by key: every problem is noted with its path, and reading goes on.

A *read* takes a `Part` and gives a value; where the part is wrong it notes so and
gives None. `Fields` puts reads to work on the keys of an object. The usual reads
are in `milepost.schemas.reads`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

#: Numbers beyond this, on either side of nought, are refused.
LARGEST = 10**15
_LONGEST_SHOWN = 40
_LONGEST_COMPARED = 100
_MOST_UNKNOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a document, and what to do about it."""

    #: A JSON pointer: ``/criterion/of/where/0/at_leats``.
    path: str
    message: str


class RuleInvalid(Exception):  # noqa: N818 - named by what is the case, as all errors here
    """A document of the rule language cannot be used; every problem is told at once."""

    def __init__(self, problems: Collection[Problem]) -> None:
        """Keep the problems in the order they were found."""
        super().__init__("; ".join(f"{problem.path or '/'}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Problems:
    """What was found wrong so far."""

    found: list[Problem] = field(default_factory=list)
    _doubtful: list[str] = field(default_factory=list)

    def note(self, path: str, message: str) -> None:
        """Add a problem."""
        self.found.append(Problem(path, message))
        self.doubt(path)

    def doubt(self, path: str) -> None:
        """Remember that what stands at *path* is not known, so that nothing is concluded from it."""
        self._doubtful.append(path)

    def is_clean(self, path: str) -> bool:
        """Say whether nothing was wrong at *path*, inside it or around it."""
        return not any(_is_inside(path, other) or _is_inside(other, path) for other in self._doubtful)

    def raise_any(self) -> None:
        """Raise `RuleInvalid` unless all is well."""
        if self.found:
            raise RuleInvalid(self.found)


def _is_inside(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


@dataclass(frozen=True, slots=True)
class Part:
    """A JSON value and where it stands in its document."""

    value: Any
    path: str
    problems: Problems

    def note(self, message: str) -> None:
        """Say what is wrong here."""
        self.problems.note(self.path, message)

    def expected(self, wanted: str) -> None:
        """Say what to write here instead."""
        self.note(f"Write {wanted} here, not {say(self.value)}.")

    def inner(self, name: str | int, value: Any) -> Part:
        """Give the part with *name* inside this one."""
        step = str(name).replace("~", "~0").replace("/", "~1")
        return Part(value, f"{self.path}/{step}", self.problems)

    def is_clean(self, name: str | None = None) -> bool:
        """Say whether nothing was found wrong here, or at the key *name*."""
        return self.problems.is_clean(self.path if name is None else self.inner(name, None).path)

    def fields(self) -> Fields:
        """Take the part as an object; anything else is noted and read as an empty one."""
        if isinstance(self.value, Mapping):
            return Fields(self, self.value)
        self.expected("an object (`{…}`)")
        return Fields(self, {})


#: Gives the value of a part; None where it is wrong, which is then noted.
Read: TypeAlias = Callable[[Part], T | None]


@dataclass(frozen=True, slots=True)
class Fields:
    """The keys of a JSON object; null means: not given."""

    part: Part
    values: Mapping[str, Any]

    def expect(self, words: Collection[str], refused: Mapping[str, str] | None = None) -> None:
        """Note every key that is none of *words*; *refused* keys have a reason of their own."""
        unknown = [key for key in self.values if key not in words]
        for key in unknown[:_MOST_UNKNOWN]:
            if refused and key in refused:
                self.note(key, refused[key])
                continue
            meant = nearest(str(key), words)
            self.note(key, unknown_word(str(key), words))
            if meant is not None and not self.has(meant):
                self.part.problems.doubt(self.part.inner(meant, None).path)

    def has(self, key: str) -> bool:
        """Say whether there is something at *key*."""
        return self.values.get(key) is not None

    def at(self, key: str) -> Part:
        """Give the part at *key*."""
        return self.part.inner(key, self.values.get(key))

    def note(self, key: str, message: str) -> None:
        """Say what is wrong at *key*."""
        self.at(key).note(message)

    def get(self, key: str, read: Read[T]) -> T | None:
        """Read what stands at *key*, if anything does."""
        return read(self.at(key)) if self.has(key) else None

    def get_or(self, key: str, read: Read[T], default: T) -> T:
        """Read what stands at *key*, or give the default."""
        found = self.get(key, read)
        return default if found is None else found

    def need(self, key: str, read: Read[T], stand_in: T) -> T:
        """Read what must stand at *key*; where it does not, that is noted and *stand_in* lets reading go on."""
        if not self.has(key) and self.part.is_clean(key):
            self.note(key, f"`{key}` is missing. Add it.")
        return self.get_or(key, read, stand_in)

    def need_list(self, key: str, read: Read[tuple[T, ...]]) -> tuple[T, ...]:
        """Read the list that must stand at *key*; an empty one stands in."""
        nothing: tuple[T, ...] = ()
        return self.need(key, read, nothing)

    def get_list(self, key: str, read: Read[tuple[T, ...]]) -> tuple[T, ...]:
        """Read the list at *key*; an empty one where there is none."""
        nothing: tuple[T, ...] = ()
        return self.get_or(key, read, nothing)


def note_unknown(part: Part, words: Collection[str]) -> None:
    """Say that the part is none of *words*."""
    if isinstance(part.value, str):
        part.note(unknown_word(part.value, words))
    else:
        part.expected(f"one of {listed(words)}")


def unknown_word(word: str, words: Collection[str]) -> str:
    """Say that a word does not exist here, and which one may be meant."""
    meant = nearest(word, words)
    hint = f"Did you mean `{meant}`?" if meant else f"Known here: {listed(words)}."
    return f"`{shorten(word)}` is not a word here. {hint}"


def nearest(word: str, choices: Collection[str]) -> str | None:
    """Give the one of *choices* that *word* is most like, or None where none is."""
    if len(word) > _LONGEST_COMPARED:
        return None
    by_lower = {known.lower(): known for known in choices}
    found = get_close_matches(word.strip().lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def listed(words: Iterable[str]) -> str:
    """Write words as a list."""
    return ", ".join(f"`{word}`" for word in words) or "nothing"


def say(value: Any) -> str:
    """Name a JSON value in a message."""
    if isinstance(value, str):
        return f'"{shorten(value)}"' if value else "empty text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float | Decimal):
        found = decimal_of(value)
        return "a number that large" if found is None else f"{found:f}"
    return "an object" if isinstance(value, Mapping) else "a list"


def decimal_of(value: Any) -> Decimal | None:
    """Give a JSON number as it was written; None for anything else, or one beyond `LARGEST`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value != value:  # noqa: PLR0124 - NaN
        return None
    # Compared before it is written: the text of a huge integer takes for ever.
    return Decimal(str(value)) if -LARGEST <= value <= LARGEST else None


def shorten(word: str) -> str:
    """Cut long text."""
    return word if len(word) <= _LONGEST_SHOWN else f"{word[: _LONGEST_SHOWN - 1]}…"
