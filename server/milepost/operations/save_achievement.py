"""Save an achievement as a new version, set its state, roll it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.engine.achievements import Achievement, State
from milepost.engine.facts import Past
from milepost.engine.lint import Advice
from milepost.engine.sentences import describe
from milepost.errors import NotFound
from milepost.operations.advise import advise
from milepost.operations.choose_past import choose_past, choose_start, state_of
from milepost.operations.find_best_progress import find_best_progress
from milepost.operations.read_achievement import read_achievement, unknown_achievement
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.rule_book import JUDGED, RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep, RuleChange
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import AchievementVersion

NO_NOTE = (
    "No reason was given. People who ask why the rule changed will find none in its history; give a note next time."
)


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
    #: None where nothing is judged, or nothing was changed.
    past: Past | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change of one achievement, as its owner asks for it."""

    document: Any
    author: str
    note: str | None = None
    #: None: what harms nobody.
    past: Past | None = None


def save_achievement(
    services: Services,
    document: Mapping[str, Any],
    *,
    author: str,
    note: str | None = None,
    past: Past | None = None,
) -> Saved:
    """Save a document as the newest version; one that says the same again makes no version.

    A document without ``state`` leaves the state as it is.
    """
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        return save_change(transaction, services, Wanted(document, author, note, past))[0]


def set_state(
    services: Services, key: str, state: State, *, author: str, note: str | None = None, past: Past | None = None
) -> Saved:
    """Make an achievement a draft, judge it silently, bring it into force, or retire it."""
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        document = with_state(transaction, key, state)
        return save_change(transaction, services, Wanted(document, author, note, past))[0]


def roll_back(
    services: Services, key: str, number: int, *, author: str, note: str | None = None, past: Past | None = None
) -> Saved:
    """Make an earlier version the newest again; the state stays as it is."""
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        document = as_of_version(transaction, key, number)
        note = f"Rolled back to version {number}" + (f": {note}" if note else "")
        return save_change(transaction, services, Wanted(document, author, note, past))[0]


def with_state(reading: Reading, key: str, state: State) -> dict[str, Any]:
    """Give the newest document of an achievement in another state."""
    return {**_versions(reading, key)[-1].document, "state": str(state)}


def as_of_version(reading: Reading, key: str, number: int) -> dict[str, Any]:
    """Give the document of an earlier version, without its state."""
    for version in _versions(reading, key):
        if version.number == number:
            return {name: value for name, value in version.document.items() if name != "state"}
    raise NotFound(f"{key} has no version {number}. GET /v1/achievements/{key} lists its versions.")


def with_known_state(document: Any, book: RuleBook) -> Any:
    """Give a document that names no state the one its achievement has."""
    if not isinstance(document, Mapping) or document.get("state") is not None:
        return document
    before = book.current(str(document.get("key")))
    return {**document, "state": str(before.achievement.state if before else State.DRAFT)}


def save_change(transaction: Transaction, services: Services, wanted: Wanted) -> tuple[Saved, list[AwardStep]]:
    """Save a change and judge everybody by it; give also the awards that changed."""
    book = rule_book(transaction)
    document = with_known_state(wanted.document, book)
    achievement = read_achievement(document, book)
    history = transaction.achievement_versions(achievement.key)
    version = None
    steps: list[AwardStep] = []
    if not history or dict(history[-1].document) != dict(document) or _recomputes(history[-1], wanted):
        version = _next_version(history, document, achievement, wanted, services)
        transaction.put_achievement_version(version)
        steps = _judge_again(transaction, services, achievement, version)
    saved = Saved(
        key=achievement.key,
        number=version.number if version else history[-1].number,
        changed=version is not None,
        state=achievement.state,
        sentence=describe(achievement),
        advice=advise(achievement, book, best=find_best_progress(transaction, achievement, services.clock())),
        past=Past(version.past) if version and version.past else None,
        warnings=(NO_NOTE,) if version and not wanted.note and _is_of_interest(history, achievement) else (),
    )
    return saved, steps


def _recomputes(newest: AchievementVersion, wanted: Wanted) -> bool:
    """Say whether a document that says the same is saved only to judge the past by it."""
    is_recomputed = newest.past == Past.RECOMPUTE and newest.starts_at is None
    return wanted.past is Past.RECOMPUTE and state_of(newest) in JUDGED and not is_recomputed


def _is_of_interest(history: list[AchievementVersion], achievement: Achievement) -> bool:
    """Say whether people may ask why: an earlier version or this one is more than a draft."""
    return bool(history) and {state_of(history[-1]), achievement.state} != {State.DRAFT}


def _next_version(
    history: list[AchievementVersion], document: Any, achievement: Achievement, wanted: Wanted, services: Services
) -> AchievementVersion:
    now = services.clock()
    past = choose_past(history, achievement.state, wanted.past)
    return AchievementVersion(
        key=achievement.key,
        number=history[-1].number + 1 if history else 1,
        document=document,
        effective_at=now,
        author=wanted.author,
        note=wanted.note,
        past=str(past) if past else None,
        starts_at=choose_start(history, achievement.state, wanted.past, now=now),
    )


def _judge_again(
    transaction: Transaction, services: Services, achievement: Achievement, version: AchievementVersion
) -> list[AwardStep]:
    """Judge everybody by the new version of an achievement in force; what builds on it follows."""
    if achievement.state not in JUDGED or version.past is None:
        return []
    change = RuleChange(version.key, version.number, Past(version.past), version.author)
    cause = f"rule {version.key} version {version.number}"
    done = rejudge_everything(
        transaction, services, holders=None, achievements=[version.key], cause=cause, change=change
    )
    return done.steps


def _versions(reading: Reading, key: str) -> list[AchievementVersion]:
    versions = reading.achievement_versions(key)
    if not versions:
        raise unknown_achievement(key)
    return versions
