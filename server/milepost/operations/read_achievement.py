"""Read the document of an achievement against the rule book, and refuse what could not be judged."""

from __future__ import annotations

from typing import Any

from milepost.engine.achievements import Achievement
from milepost.engine.parts import keys_built_on
from milepost.errors import FieldError, Invalid, NotFound, invalid
from milepost.operations.rule_book import RuleBook
from milepost.schemas.base import unknown_word
from milepost.schemas.reader import RuleInvalid
from milepost.schemas.rules import parse_achievement
from milepost.schemas.templates import check_template


def read_achievement(document: Any, book: RuleBook) -> Achievement:
    """Parse a document and check what only the rule book can tell, or raise `Invalid` with every place."""
    try:
        achievement = parse_achievement(document)
    except RuleInvalid as error:
        places = [FieldError(problem.path, problem.message) for problem in error.problems]
        more = f" ({len(places) - 1} more: see errors.)" if len(places) > 1 else ""
        raise Invalid(f"{places[0].pointer or 'The rule'}: {places[0].message}{more}", errors=places) from None
    places = [
        FieldError(f"/{name}", problem)
        for name, text in (("message", achievement.message), ("next_step", achievement.next_step))
        for problem in check_template(text or "")
    ]
    if places:
        raise Invalid(places[0].message, errors=places)
    _refuse_unknown_achievements(achievement, book)
    _refuse_circle(achievement, book)
    return achievement


def unknown_achievement(key: str) -> NotFound:
    """Give the problem of a key that no achievement has."""
    return NotFound(f"There is no achievement {key[:64]!r}. GET /v1/achievements lists all.")


def _refuse_unknown_achievements(achievement: Achievement, book: RuleBook) -> None:
    for key in sorted(keys_built_on(achievement)):
        if key != achievement.key and book.current(key) is None:
            raise invalid("/criterion", unknown_word(key, book.keys(), what="an achievement"))


def _refuse_circle(achievement: Achievement, book: RuleBook) -> None:
    """Refuse an achievement that builds on itself, directly or through others."""
    paths = [[achievement.key, key] for key in sorted(keys_built_on(achievement))]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        if path[-1] == achievement.key:
            raise invalid("/criterion", f"*earned* goes round in a circle: {' → '.join(path)}. Leave one of them out.")
        current = book.current(path[-1])
        if path[-1] not in seen and current is not None:
            seen.add(path[-1])
            paths += [[*path, key] for key in sorted(keys_built_on(current.achievement))]
