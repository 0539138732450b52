"""Show where a holder stands with every live achievement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from milepost.engine.achievements import State
from milepost.engine.people import Holder
from milepost.engine.selecting import select_awards
from milepost.operations.award_summaries import holder_name
from milepost.operations.build_answer import progress_document, streak_document
from milepost.operations.earnings import earning_of
from milepost.operations.history import EVERYTHING, History
from milepost.operations.judge_rule import Looked, is_meant, judges_of, window_key
from milepost.operations.load_facts import load_facts
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.operations.standings import Standings
from milepost.storage.base import Reading


def show_progress(services: Services, holder: Holder, *, at: datetime | None = None) -> dict[str, Any]:
    """Give progress, streaks and points in the windows that hold *at* (None: now), as things stand now."""
    now = services.clock()
    with services.store.reading() as reading:
        looked = look_at(reading, holder, now)
        return {
            "holder": holder_name(holder),
            "points_total": reading.points(holder),
            "progress": [progress_document(one, window_key(one, at or now)) for one in looked],
            "streaks": [document for one in looked if (document := streak_document(one))],
        }


def look_at(reading: Reading, holder: Holder, now: datetime) -> list[Looked]:
    """Look at a holder for every live achievement that is meant for them."""
    book = rule_book(reading)
    facts = load_facts(reading, actors=None)
    live = [rule.key for rule in book.judged() if rule.state is State.LIVE and rule.scope is holder.kind]
    history, standings = History(reading, facts), Standings(reading, holder)
    history.expect(holder, dict.fromkeys([judges_of(book, key) for key in live], EVERYTHING))
    looked = []
    for key in live:
        judges = judges_of(book, key)
        judge = judges[-1]
        view = judge.view(holder, history.slice(judges, EVERYTHING, standings), facts, now)
        if is_meant(judge, view):
            earnings = map(earning_of, standings.earnings(key))
            rules = {one.version.number: one.rule for one in judges}
            looked.append(Looked(judge, view, select_awards(judge.rule, earnings, view.calendar, rules)))
    return looked
