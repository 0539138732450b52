"""Show achievements with their sentence, advice and versions; check a document without saving it."""

from __future__ import annotations

from typing import Any

from milepost.engine.achievements import Achievement, State
from milepost.engine.lint import Advice
from milepost.engine.rule_changes import describe_change
from milepost.engine.sentences import describe
from milepost.operations.advise import advise
from milepost.operations.choose_past import state_of
from milepost.operations.find_best_progress import find_best_progress
from milepost.operations.read_achievement import read_achievement, unknown_achievement
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.storage.records import AchievementVersion


def list_achievements(services: Services, *, state: State | None = None) -> list[dict[str, Any]]:
    """Give all achievements (in one state) by key, in short."""
    with services.store.reading() as reading:
        book = rule_book(reading)
    keys = book.keys()
    newest = [version for key in keys if (version := book.current(key)) is not None]
    return [
        _summary(version.achievement, version.number)
        for version in newest
        if state is None or version.achievement.state is state
    ]


def show_achievement(services: Services, key: str) -> dict[str, Any]:
    """Give one achievement with its document, advice and every version."""
    with services.store.reading() as reading:
        book = rule_book(reading)
        versions = reading.achievement_versions(key)
    newest = book.current(key)
    if newest is None:
        raise unknown_achievement(key)
    return {
        **_summary(newest.achievement, newest.number),
        "document": dict(versions[-1].document),
        "advice": advice_documents(advise(newest.achievement, book)),
        "versions": [_version(version) for version in versions],
    }


def list_versions(services: Services, key: str) -> list[dict[str, Any]]:
    """Give every version of an achievement, newest first, each with what it changed."""
    with services.store.reading() as reading:
        history = rule_book(reading).history(key)
        records = reading.achievement_versions(key)
    if not history:
        raise unknown_achievement(key)
    pairs = zip((None, *history), history, records, strict=False)
    return [
        {
            **_version(record),
            "sentence": describe(version.achievement),
            "changes": list(describe_change(before, version)),
            "document": dict(record.document),
        }
        for before, version, record in reversed(list(pairs))
    ]


def _version(record: AchievementVersion) -> dict[str, Any]:
    return {
        "number": record.number,
        "effective_at": record.effective_at,
        "author": record.author,
        "note": record.note,
        "state": str(state_of(record)),
        "past": record.past,
        "starts_at": record.starts_at,
    }


def check_achievement(services: Services, document: Any) -> dict[str, Any]:
    """Give the sentence and advice of a document that is not saved; refuse what saving would refuse."""
    with services.store.reading() as reading:
        book = rule_book(reading)
        achievement = read_achievement(document, book)
        best = find_best_progress(reading, achievement, services.clock())
    return {
        "key": achievement.key,
        "sentence": describe(achievement),
        "advice": advice_documents(advise(achievement, book, best=best)),
    }


def advice_documents(advice: tuple[Advice, ...]) -> list[dict[str, str]]:
    """Give advice as it is shown."""
    return [{"code": item.code, "text": item.text} for item in advice]


def _summary(achievement: Achievement, number: int) -> dict[str, Any]:
    return {
        "key": achievement.key,
        "name": achievement.name,
        "purpose": achievement.purpose,
        "category": str(achievement.category),
        "scope": str(achievement.scope),
        "state": str(achievement.state),
        "points": achievement.points,
        "version": number,
        "sentence": describe(achievement),
    }
