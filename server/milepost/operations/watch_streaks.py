"""Notice when a streak comes at risk, ends, or goes on after all, and make it news."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.engine.facts import Facts
from milepost.engine.outlooks import Outlook, StreakState, outlook_of
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.engine.views import actor_of
from milepost.operations.history import EVERYTHING, History
from milepost.operations.judge_rule import Looked, judges_of
from milepost.operations.load_facts import load_facts
from milepost.operations.news_documents import streak_news
from milepost.operations.owe_news import BROKEN, KEPT, OVER, Telling, news_id, owe
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.standings import Standings
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Reading, Transaction
from milepost.storage.outbox import NewsRecord, OwedRecord, StreakWatchRecord

#: Streaks looked at in one transaction.
CHUNK = 200
#: A shorter streak is no news, neither at risk nor broken.
SHORTEST_NEWS = 2


def watch_streaks(services: Services) -> int:
    """Look at every streak whose moment has come; count them."""
    looked_at = 0
    while _is_any_due(services):
        with services.store.transaction() as tx:
            tx.lock_everything()
            looked_at += _watch_some(tx, services)
    return looked_at


def _is_any_due(services: Services) -> bool:
    with services.store.reading() as reading:
        return bool(reading.streak_watches(by=services.clock(), limit=1))


def _watch_some(tx: Transaction, services: Services) -> int:
    now = services.clock()
    book, facts = rule_book(tx), load_facts(tx, actors=None)
    judged = {rule.key for rule in book.judged()}
    due = tx.streak_watches(by=now, limit=CHUNK)
    for one in due:
        tx.put_streak_watch(StreakWatchRecord(one.achievement, one.holder, one.length, one.state, None, one.period))
        if one.achievement in judged:
            watch_streak(tx, _look_at(tx, book, facts, one, services), is_quiet=False)
    return len(due)


def _look_at(reading: Reading, book: RuleBook, facts: Facts, watch: StreakWatchRecord, services: Services) -> Looked:
    judges = judges_of(book, watch.achievement)
    material = History(reading, facts).slice(judges, EVERYTHING, Standings(reading, watch.holder))
    return Looked(judges[-1], judges[-1].view(watch.holder, material, facts, services.clock()), [])


def watch_streak(tx: Transaction, looked: Looked, *, is_quiet: bool) -> None:
    """Compare how a streak stands with how it stood, make news of the difference, and note when to look again."""
    outlook = outlook_of(looked.judge, looked.view)
    key, holder = looked.judge.rule.key, looked.view.holder
    known = tx.streak_watch(key, holder) if outlook else None
    if outlook is None or (known is None and not outlook.length):
        return
    before = known or StreakWatchRecord(key, holder, 0, StreakState.OPEN.value)
    is_broken = _is_broken(before, outlook)
    if not is_quiet and not wants_no_messages(holder, looked.view.facts):
        _make_news(_Change(tx, looked, outlook, before), is_broken=is_broken)
    after = StreakWatchRecord(
        key,
        holder,
        outlook.length,
        outlook.state.value,
        outlook.look_at(looked.view.as_of),
        outlook.period.key if outlook.period else before.period,
    )
    if after != known:
        tx.put_streak_watch(after)


def _is_broken(before: StreakWatchRecord, outlook: Outlook) -> bool:
    """Say whether the period that wanted to be met was missed for good, be it that another streak has begun since."""
    if not before.length or before.period is None:
        return False
    return outlook.first is None or outlook.first > before.period


@dataclass(frozen=True, slots=True)
class _Change:
    """A streak as it was, and as it is."""

    tx: Transaction
    looked: Looked
    outlook: Outlook
    before: StreakWatchRecord

    @property
    def holder(self) -> Holder:
        """Give whose streak it is."""
        return self.looked.view.holder

    def topic(self, period: str) -> str:
        """Name what is told of a streak about a period that wanted to be met."""
        return f"streak:{self.looked.judge.rule.key}:{period}"

    def news(self, kind: NewsKind, period: str, *, length: int) -> NewsRecord:
        """Give what happened to the streak in a period, the first time as the news it is."""
        made = news_id(kind, self.topic(period), self.holder.kind, self.holder.id)
        known = self.tx.news(made)
        if known is None:
            known = streak_news(kind, self.looked, self.outlook, length=length, period=period, news_id=made)
            self.tx.put_news(known)
        return known


def _make_news(change: _Change, *, is_broken: bool) -> None:
    outlook, before = change.outlook, change.before
    if is_broken and before.period and before.length >= SHORTEST_NEWS:
        news = change.news(NewsKind.STREAK_BROKEN, before.period, length=before.length)
        telling = Telling(change.holder, _audience(change.holder), Timing.DAILY)
        owe(change.tx, telling, change.topic(before.period), news, standing=BROKEN)
    if not is_broken and outlook.length:
        _take_back(change)
    if outlook.state is StreakState.AT_RISK and outlook.period and outlook.length >= SHORTEST_NEWS:
        _tell_risk(change, outlook.period.key)


def _tell_risk(change: _Change, period: str) -> None:
    """Tell flows of the risk, and the person only where they asked for it: nobody is alarmed by default."""
    news = change.news(NewsKind.STREAK_AT_RISK, period, length=change.outlook.length)
    if _asked_for_warnings(change.holder, change.looked.view.facts):
        telling = Telling(change.holder, Audience.ACTOR, Timing.INSTANT)
        owe(change.tx, telling, change.topic(period), news, standing=StreakState.AT_RISK)


def _take_back(change: _Change) -> None:
    """Let a warning be over that was not told yet, and correct what was said of a streak that goes on after all."""
    outlook, before = change.outlook, change.before
    is_same = outlook.period is not None and outlook.period.key == before.period
    was_met = set(outlook.recent) if outlook.length != before.length else set()
    for period in was_met.union([before.period] if before.period and not is_same else []):
        row = change.tx.owed(change.holder, change.topic(period))
        if row is not None and row.standing in (StreakState.AT_RISK, BROKEN):
            _correct(change, row, period)


def _correct(change: _Change, row: OwedRecord, period: str) -> None:
    telling = Telling(row.recipient, row.audience, row.timing)
    if BROKEN in (row.standing, row.told):
        news = change.news(NewsKind.STREAK_KEPT, period, length=change.outlook.length)
        owe(change.tx, telling, row.topic, news, standing=KEPT)
        return
    warning = change.tx.news(row.news_id or "")
    if warning is not None:
        owe(change.tx, telling, row.topic, warning, standing=OVER)


def _audience(holder: Holder) -> Audience:
    return Audience.TEAM if holder.kind is HolderKind.TEAM else Audience.ACTOR


def _asked_for_warnings(holder: Holder, facts: Facts) -> bool:
    if holder.kind is HolderKind.TEAM:
        return False
    wishes = actor_of(holder.id, facts).preferences.messages
    return wishes.timings.get(NewsKind.STREAK_AT_RISK) is Timing.INSTANT
