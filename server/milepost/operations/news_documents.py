"""What a subscription gets as ``data`` with each kind of news: flat, the same fields every time."""

from __future__ import annotations

from datetime import datetime

from milepost.engine.achievements import Achievement
from milepost.engine.facts import Facts
from milepost.engine.outlooks import Outlook
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import NewsKind
from milepost.engine.views import profile_of
from milepost.operations.award_summaries import award_summary, holder_name
from milepost.operations.judge_rule import Looked
from milepost.operations.name_holder import full_name
from milepost.operations.visibility import is_hidden, wants_no_messages
from milepost.storage.outbox import NewsRecord
from milepost.storage.records import AwardRecord

#: Ids of events in a piece of news: it must stay small, and the award has them all.
MOST_EVIDENCE = 50


def award_news(
    kind: NewsKind, award: AwardRecord, rule: Achievement, facts: Facts, *, news_id: str, at: datetime
) -> NewsRecord:
    """Tell of an award that was granted or taken back."""
    document = {
        **award_summary(award),
        "evidence": list(award.evidence[:MOST_EVIDENCE]),
        "evidence_count": len(award.evidence),
        **about(award.holder, facts, at),
        "purpose": rule.purpose,
        "category": rule.category.value,
    }
    return NewsRecord(news_id, kind, at, document, award.holder, award.achievement, award.id)


def streak_news(
    kind: NewsKind, looked: Looked, outlook: Outlook, *, length: int, period: str, news_id: str
) -> NewsRecord:
    """Tell of a streak that is at risk, broken, or kept after all; *length* is what is at stake or was lost."""
    rule, view = looked.judge.rule, looked.view
    document = {
        "achievement": rule.key,
        "name": rule.name,
        "holder": holder_name(view.holder),
        **about(view.holder, view.facts, view.as_of),
        "length": length,
        "longest": outlook.longest,
        "period": period,
        "state": outlook.state.value,
        "ends_at": outlook.ends_at.isoformat() if outlook.ends_at else None,
        "next_step": rule.next_step if rule.next_step and "{{" not in rule.next_step else None,
    }
    return NewsRecord(news_id, kind, view.as_of, document, view.holder, rule.key)


def about(holder: Holder, facts: Facts, at: datetime) -> dict[str, object]:
    """Say whom it is about, so that a flow can choose whom to tell."""
    is_team = holder.kind is HolderKind.TEAM
    profile = None if is_team else profile_of(holder, facts, at)
    return {
        "holder_kind": holder.kind.value,
        "holder_name": full_name(holder, facts),
        "actor": None if is_team else holder.id,
        "team": holder.id if is_team else profile and profile.team,
        "manager": _manager_to_tell(profile.manager if profile else None, facts),
        "visibility": "private" if is_hidden(holder, facts) else "team",
    }


def _manager_to_tell(manager: str | None, facts: Facts) -> str | None:
    """Give a manager, unless they want no messages: a flow would write to them."""
    return None if manager is None or wants_no_messages(Holder(HolderKind.ACTOR, manager), facts) else manager
