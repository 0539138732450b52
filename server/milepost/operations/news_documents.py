"""What a subscription gets as ``data`` with each kind of news: flat, the same fields every time."""

from __future__ import annotations

from milepost.engine.achievements import Achievement
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import NewsKind
from milepost.engine.views import profile_of
from milepost.operations.award_summaries import award_summary
from milepost.operations.name_holder import full_name
from milepost.operations.visibility import is_hidden
from milepost.storage.outbox import NewsRecord
from milepost.storage.records import AwardRecord


def award_news(kind: NewsKind, award: AwardRecord, rule: Achievement, facts: Facts, *, id: str) -> NewsRecord:  # noqa: A002 - the field's name
    """Tell of an award that was granted or taken back."""
    document = {
        **award_summary(award),
        **about(award.holder, facts, award),
        "purpose": rule.purpose,
        "category": rule.category.value,
    }
    return NewsRecord(
        id=id,
        kind=kind,
        at=award.changed_at,
        document=document,
        holder=award.holder,
        achievement=award.achievement,
        award_id=award.id,
    )


def about(holder: Holder, facts: Facts, award: AwardRecord) -> dict[str, object]:
    """Say whom it is about, so that a flow can choose whom to tell."""
    is_team = holder.kind is HolderKind.TEAM
    profile = None if is_team else profile_of(holder, facts, award.changed_at)
    return {
        "holder_kind": holder.kind.value,
        "holder_name": full_name(holder, facts),
        "actor": None if is_team else holder.id,
        "team": holder.id if is_team else profile and profile.team,
        "manager": profile and profile.manager,
        "visibility": "private" if is_hidden(holder, facts) else "team",
    }
