"""Save an achievement as a new version, set its state, roll it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.engine.achievements import Achievement, State
from milepost.engine.lint import Advice
from milepost.engine.parts import keys_built_on
from milepost.engine.sentences import describe
from milepost.errors import FieldError, Invalid, NotFound, invalid
from milepost.operations.advise import advise
from milepost.operations.find_best_progress import find_best_progress
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.rule_book import JUDGED, RuleBook, rule_book
from milepost.operations.services import Services
from milepost.schemas.base import unknown_word
from milepost.schemas.reader import RuleInvalid
from milepost.schemas.rules import parse_achievement
from milepost.schemas.templates import check_template
from milepost.storage.base import Transaction
from milepost.storage.records import AchievementVersion


@dataclass(frozen=True, slots=True)
class Saved:
    """What has become of a saved achievement."""

    key: str
    #: The number of the version that is the newest now.
    number: int
    #: False when the newest version said the same already.
    changed: bool
    state: State
    sentence: str
    advice: tuple[Advice, ...]


def save_achievement(services: Services, document: Mapping[str, Any], *, author: str, note: str | None = None) -> Saved:
    """Save a document as the newest version; one that says the same again makes no version.

    A document without ``state`` leaves the state as it is.
    """
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        return _save(transaction, services, document, author=author, note=note)


def set_state(services: Services, key: str, state: State, *, author: str, note: str | None = None) -> Saved:
    """Make an achievement a draft, judge it silently, bring it into force, or retire it."""
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        newest = _versions(transaction, key)[-1]
        document = {**newest.document, "state": str(state)}
        return _save(transaction, services, document, author=author, note=note)


def roll_back(services: Services, key: str, number: int, *, author: str) -> Saved:
    """Make an earlier version the newest again; the state stays as it is."""
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        for version in _versions(transaction, key):
            if version.number == number:
                document = {name: value for name, value in version.document.items() if name != "state"}
                note = f"Rolled back to version {number}"
                return _save(transaction, services, document, author=author, note=note)
    raise NotFound(f"{key} has no version {number}. GET /v1/achievements/{key} lists its versions.")


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


def _save(transaction: Transaction, services: Services, document: Any, *, author: str, note: str | None) -> Saved:
    book = rule_book(transaction)
    key = str(document.get("key")) if isinstance(document, Mapping) else ""
    before = book.current(key)
    if isinstance(document, Mapping) and document.get("state") is None:
        document = {**document, "state": str(before.achievement.state if before else State.DRAFT)}
    achievement = read_achievement(document, book)
    history = transaction.achievement_versions(achievement.key)
    changed = not history or dict(history[-1].document) != dict(document)
    if changed:
        number = history[-1].number + 1 if history else 1
        version = AchievementVersion(
            key=achievement.key,
            number=number,
            document=document,
            effective_at=services.clock(),
            author=author,
            note=note,
        )
        transaction.put_achievement_version(version)
        _judge_again(transaction, services, achievement, number)
    return Saved(
        key=achievement.key,
        number=number if changed else history[-1].number,
        changed=changed,
        state=achievement.state,
        sentence=describe(achievement),
        advice=advise(achievement, book, best=find_best_progress(transaction, achievement, services.clock())),
    )


def _judge_again(transaction: Transaction, services: Services, achievement: Achievement, number: int) -> None:
    """Judge everybody by the new version of an achievement in force; what builds on it follows."""
    if achievement.state in JUDGED:
        cause = f"rule {achievement.key} version {number}"
        rejudge_everything(transaction, services, holders=None, achievements=[achievement.key], cause=cause)


def _versions(transaction: Transaction, key: str) -> list[AchievementVersion]:
    versions = transaction.achievement_versions(key)
    if not versions:
        raise unknown_achievement(key)
    return versions


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
