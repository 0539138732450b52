"""The log of rule changes shows that it was tampered with, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from milepost.storage.records import AchievementVersion
from milepost.storage.rule_log import chain_on, first_break
from tests.storage.examples import NOON


def log_of(length: int) -> list[AchievementVersion]:
    """Make a whole log."""
    log: list[AchievementVersion] = []
    for place in range(1, length + 1):
        document = {"target": place, "where": [{"is": "true"}]}
        version = AchievementVersion("tidy", place, document, NOON, "Ana", "too easy", sequence=place, past="keep")
        log.append(replace(version, chained=chain_on(version, after=log[-1].chained if log else "")))
    return log


def test_a_whole_log_holds_in_any_order() -> None:
    """Also an empty one, and one whose documents are written in another order of keys."""
    log = log_of(4)
    assert first_break(reversed(log)) is None
    assert first_break([]) is None
    other_order = dict(reversed(log[1].document.items()))
    assert first_break([log[0], replace(log[1], document=MappingProxyType(other_order)), *log[2:]]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"key": "clean"},
        {"number": 9},
        {"document": {"target": 2, "where": [{"is": "false"}]}},
        {"effective_at": NOON + timedelta(microseconds=1)},
        {"author": "Ben"},
        {"note": None},
        {"past": "recompute"},
        {"starts_at": NOON},
        {"chained": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_altered_thing_is_found_where_it_stands(change: dict[str, Any]) -> None:
    """Whatever was altered, the first row that does not hold is named."""
    log = log_of(4)
    altered = replace(log[1], **change)
    assert first_break([log[0], altered, *log[2:]]) == altered


def test_a_missing_change_is_found_at_the_one_after_it() -> None:
    """Wherever it was, but for the newest: what is left cannot show that."""
    log = log_of(4)
    assert first_break(log[1:]) == log[1]
    assert first_break([log[0], *log[2:]]) == log[2]
    assert first_break(log[:-1]) is None


def test_changes_that_were_exchanged_or_put_in_are_found() -> None:
    """Each hash rests on the one before."""
    log = log_of(4)
    exchanged = [log[0], replace(log[2], sequence=2), replace(log[1], sequence=3), log[3]]
    assert first_break(exchanged) == exchanged[1]
    added = replace(log[1], key="clean")
    assert first_break([*log, replace(added, sequence=2, chained=chain_on(added, after=log[0].chained))]) is not None
