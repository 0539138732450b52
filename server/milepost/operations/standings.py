"""What is kept about one holder: read once in a transaction, written where it differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from milepost.engine.judge import Judge
from milepost.engine.outcomes import PeriodOutcome
from milepost.engine.people import Holder
from milepost.engine.views import Standing
from milepost.operations.earnings import outcome_of, record_of_outcome
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import AwardChange, AwardRecord, AwardStatus, EarningRecord


class Standings:
    """Earnings, awards, dues and the periods of streaks of one holder under all rules."""

    def __init__(self, reading: Reading, holder: Holder) -> None:
        """Read nothing yet."""
        self._reading = reading
        self.holder = holder
        self._windows: frozenset[str] = frozenset()
        self._in_windows: dict[str, list[EarningRecord]] = {}
        self._earnings: dict[str, list[EarningRecord]] = {}
        self._awards: dict[str, dict[str, AwardRecord]] = {}
        self._outcomes: dict[str, dict[str, PeriodOutcome]] = {}
        #: The keys of all periods that are kept, also of those judged by another version.
        self._periods: dict[str, set[str]] = {}

    # ------------------------------------------------------------------ earnings

    def expect(self, windows: Iterable[str]) -> None:
        """Read in one go the earnings in some windows, whatever rule they are of."""
        self._windows = frozenset(windows)
        found: defaultdict[str, list[EarningRecord]] = defaultdict(list)
        for one in self._reading.earnings_in(self._windows, self.holder):
            found[one.achievement].append(one)
        self._in_windows = found

    def earnings_in(self, achievement: str, windows: Collection[str]) -> list[EarningRecord]:
        """Give the earnings under one rule in some windows."""
        is_read = achievement not in self._earnings and self._windows.issuperset(windows)
        known = self._in_windows.get(achievement, []) if is_read else self.earnings(achievement)
        return [one for one in known if one.window in windows]

    def earnings(self, achievement: str) -> list[EarningRecord]:
        """Give all earnings under one rule."""
        if achievement not in self._earnings:
            self._earnings[achievement] = self._reading.earnings(achievement, self.holder)
        return self._earnings[achievement]

    def replace_earnings(
        self, tx: Transaction, achievement: str, windows: Collection[str] | None, earnings: Sequence[EarningRecord]
    ) -> None:
        """Put *earnings* in place of those in *windows* (None: in all)."""
        known = self.earnings(achievement)
        after = [*(one for one in known if windows is not None and one.window not in windows), *earnings]
        if set(known) != set(after):
            tx.replace_earnings(achievement, self.holder, windows, earnings)
        self._earnings[achievement] = after

    # -------------------------------------------------------------------- awards

    def awards(self, achievement: str) -> list[AwardRecord]:
        """Give the awards for one achievement, whatever their status."""
        return list(self._awards_for(achievement).values())

    def granted(self) -> list[Standing]:
        """Give what stands, as `earned` criteria see it."""
        awards = self._reading.awards_of(None, self.holder)
        return [Standing(one.achievement, one.earned_at) for one in awards if one.status is AwardStatus.GRANTED]

    def put_award(self, tx: Transaction, award: AwardRecord, change: AwardChange | None) -> None:
        """Add or replace an award, with its history step."""
        tx.put_award(award, change)
        self._awards_for(award.achievement)[award.id] = award

    def _awards_for(self, achievement: str) -> dict[str, AwardRecord]:
        if achievement not in self._awards:
            awards = self._reading.awards_of(achievement, self.holder)
            self._awards[achievement] = {award.id: award for award in awards}
        return self._awards[achievement]

    # ------------------------------------------------------------------- streaks

    def outcomes(self, judge: Judge) -> dict[str, PeriodOutcome]:
        """Give the periods of a streak that were judged by this very version, by key."""
        key = judge.rule.key
        if key not in self._outcomes:
            records = self._reading.periods(key, self.holder)
            is_old = any(one.rule_version != judge.version.number for one in records)
            self._periods[key] = {one.period for one in records}
            self._outcomes[key] = {} if is_old else {one.period: outcome_of(one, judge) for one in records}
        return self._outcomes[key]

    def keep_outcomes(self, tx: Transaction, judge: Judge, outcomes: Mapping[str, PeriodOutcome]) -> None:
        """Keep what the periods of a streak have come to, in place of all that was known."""
        key, known = judge.rule.key, self.outcomes(judge)
        gone = self._periods[key] - outcomes.keys()
        if gone:
            tx.drop_periods(key, self.holder, gone)
        changed = [one for period, one in outcomes.items() if not _is_same(one, known.get(period))]
        tx.put_periods(key, self.holder, [record_of_outcome(one, judge) for one in changed])
        self._outcomes[key], self._periods[key] = dict(outcomes), set(outcomes)

    # ---------------------------------------------------------------------- dues

    @cached_property
    def _dues(self) -> Mapping[tuple[str, str], datetime]:
        return self._reading.dues(self.holder)

    def set_dues(
        self, tx: Transaction, achievement: str, windows: Collection[str] | None, dues: Mapping[str, datetime]
    ) -> None:
        """Note when to look at *windows* (None: at all) again: those in *dues* then, the others never."""
        known = {window: due_at for (key, window), due_at in self._dues.items() if key == achievement}
        for window in known.keys() - dues.keys() if windows is None else known.keys() & (windows - dues.keys()):
            tx.set_due(achievement, self.holder, window, None)
        for window, due_at in dues.items():
            if known.get(window) != due_at:
                tx.set_due(achievement, self.holder, window, due_at)


def _is_same(one: PeriodOutcome, other: PeriodOutcome | None) -> bool:
    if other is None or one is other:
        return other is not None
    return (one.met_at, one.due, one.evidence) == (other.met_at, other.due, other.evidence)
