"""Grant what was earned and take back what lost its ground, for one rule and holder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from milepost.engine.achievements import Achievement, OnLost, Review
from milepost.engine.facts import Past
from milepost.engine.judge import Earning
from milepost.engine.people import Holder
from milepost.engine.reasons import ReasonCode
from milepost.engine.selecting import Selected
from milepost.engine.views import View
from milepost.operations.services import Services
from milepost.operations.standings import Standings
from milepost.operations.word_messages import word_message
from milepost.storage.base import Transaction
from milepost.storage.records import AwardChange, AwardRecord, AwardSource, AwardStatus

#: The decision that an award stands although the rule was changed.
KEPT = "kept"
#: What stands in place of a decision that nobody made in time.
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A new version of a rule, and what its owner chose for what was earned before."""

    key: str
    number: int
    past: Past
    author: str


@dataclass(frozen=True, slots=True)
class Reviewing:
    """How reviews are opened now; also while an archive is read in, since nobody could decide before."""

    opened_at: datetime
    expires_at: datetime
    #: Who decides where nobody manages.
    contact: str | None

    @classmethod
    def by(cls, services: Services) -> Reviewing:
        """Give what is set, from this moment on."""
        now = services.clock()
        return cls(now, now + services.settings.review_time, services.settings.contact)


@dataclass(frozen=True, slots=True)
class Cause:
    """When, and by what, holders are looked at again."""

    as_of: datetime
    #: An event id, a person or a run.
    by: str
    reviewing: Reviewing
    #: Set while a changed rule is judged for the first time.
    change: RuleChange | None = None
    #: It is an archive that is read in, and what it grants is no news.
    is_archive: bool = False

    @property
    def is_quiet(self) -> bool:
        """Say whether what is granted now is no news to anybody."""
        return self.is_archive or self.change is not None

    def release(self, award: AwardRecord) -> AwardRecord:
        """Take the decision to keep it from an award whose rule is recomputed."""
        change = self.change
        if award.decision != KEPT or change is None or (change.key, change.past) != (award.achievement, Past.RECOMPUTE):
            return award
        return replace(award, decision=None, decided_by=None)

    def keep(self, award: AwardRecord, before: AwardRecord) -> AwardRecord:
        """Give an award as it stays if it was kept before, or would fall only because its rule was changed."""
        if self.release(before).decision == KEPT:
            return before
        stood, stands = (one.status is AwardStatus.GRANTED for one in (before, award))
        if self.change is None or self.change.past is not Past.KEEP or stands or not stood:
            return award
        reason = f"earned before version {self.change.number} of {self.change.key}, and kept when the rule changed"
        return replace(
            before, decision=KEPT, decided_by=self.change.author, reason_code=ReasonCode.KEPT.value, reason=reason
        )


@dataclass(frozen=True, slots=True)
class AwardStep:
    """One award that changed."""

    award: AwardRecord
    before: AwardRecord | None

    @property
    def is_grant(self) -> bool:
        """Say whether it stands now and did not before."""
        stood = self.before is not None and self.before.status is AwardStatus.GRANTED
        return self.award.status is AwardStatus.GRANTED and not stood

    @property
    def is_loss(self) -> bool:
        """Say whether it stood before and does not now."""
        stood = self.before is not None and self.before.status is AwardStatus.GRANTED
        return stood and self.award.status is not AwardStatus.GRANTED


def settle_awards(
    tx: Transaction,
    rules: Mapping[int, Achievement],
    standings: Standings,
    selected: Iterable[Selected],
    *,
    view: View,
    cause: Cause,
) -> list[AwardStep]:
    """Compare what should stand with what does, and write the difference; *rules* are the versions by number."""
    rule = rules[max(rules)]
    due = {one.slot: one.earning for one in selected if one.refused is None}
    known = {award.slot: award for award in standings.awards(rule.key) if award.source is AwardSource.RULE}
    steps = []
    for slot, earning in due.items():
        before = known.get(slot)
        ground = cause.release(before) if before else None
        by = rules.get(earning.rule_version, rule)
        award = _grant(by, standings.holder, slot, earning, ground, view, cause)
        steps += _write(tx, standings, award, before, cause)
    for slot, before in known.items():
        if slot not in due:
            award = _take_back(rule, cause.release(before), cause)
            steps += _write(tx, standings, award, before, cause)
    return steps


def award_id(achievement: str, holder: Holder, slot: str) -> str:
    """Make the id of an award: the same place in the same holder's history has the same id for ever."""
    text = f"{achievement}\x1f{holder.kind}\x1f{holder.id}\x1f{slot}"
    return "aw_" + hashlib.sha256(text.encode()).hexdigest()[:24]


def _grant(
    rule: Achievement,
    holder: Holder,
    slot: str,
    earning: Earning,
    before: AwardRecord | None,
    view: View,
    cause: Cause,
) -> AwardRecord:
    status, points = _status(rule, before), rule.points_for(earning.tier)
    if before is not None and before.status is status:
        changed_at, words = before.changed_at, (before.message, before.next_step)
    else:
        changed_at, words = cause.as_of, word_message(rule, earning, holder, view, points)
    reason: tuple[str, str] = (ReasonCode.TARGET_MET, f"{_count(earning.value)} of {_count(earning.target)}")
    if before is not None and status in (AwardStatus.REJECTED, AwardStatus.REVOKED):
        reason = (before.reason_code, before.reason)  # why a person decided against it stays true
    return AwardRecord(
        id=award_id(rule.key, holder, slot),
        achievement=rule.key,
        name=rule.name,
        holder=holder,
        slot=slot,
        tier=earning.tier,
        status=status,
        points=points,
        earned_at=earning.earned_at,
        changed_at=changed_at,
        rule_version=earning.rule_version,
        evidence=earning.evidence,
        reason_code=reason[0],
        reason=reason[1],
        message=words[0],
        next_step=words[1],
        decision=before.decision if before else None,
        decided_by=before.decided_by if before else None,
        note=before.note if before else None,
    )


_DECIDED = {
    "approved": AwardStatus.GRANTED,
    "rejected": AwardStatus.REJECTED,
    EXPIRED: AwardStatus.REJECTED,
    "revoked": AwardStatus.REVOKED,
    KEPT: AwardStatus.GRANTED,
}


def _status(rule: Achievement, before: AwardRecord | None) -> AwardStatus:
    """Say how an award that is due stands: a person's decision goes first."""
    if before is not None and before.decision is not None:
        return _DECIDED[before.decision]
    return AwardStatus.IN_REVIEW if rule.review is Review.MANAGER else AwardStatus.GRANTED


def _take_back(rule: Achievement, before: AwardRecord, cause: Cause) -> AwardRecord:
    """Say what becomes of an award that lost its ground."""
    is_pending = before.status is AwardStatus.IN_REVIEW and before.reason_code != ReasonCode.LOST_GROUND
    if before.status not in (AwardStatus.GRANTED, AwardStatus.IN_REVIEW):
        return before
    if not is_pending and rule.on_lost is OnLost.KEEP:
        return before
    if not is_pending and rule.on_lost is OnLost.REVIEW:
        if before.decision == "approved" and before.reason_code == ReasonCode.LOST_GROUND:
            return before  # a person has seen the loss and let it stand
        status = AwardStatus.IN_REVIEW
    else:
        status = AwardStatus.REVOKED
    if status is before.status:
        return before
    return replace(
        before,
        status=status,
        changed_at=cause.as_of,
        decision=None,
        reason_code=ReasonCode.LOST_GROUND,
        reason=f"what it was earned for no longer holds ({cause.by})",
    )


def _write(
    tx: Transaction, standings: Standings, award: AwardRecord, before: AwardRecord | None, cause: Cause
) -> list[AwardStep]:
    if before is not None:
        award = cause.keep(award, before)
    if award == before:
        return []
    is_decision = award.decision == KEPT
    if before is not None and before.status is award.status and not is_decision:
        standings.put_award(tx, award, None)
        return [AwardStep(award, before)]
    change = AwardChange(
        award_id=award.id,
        at=cause.as_of,
        change=_change_name(award, before),
        reason_code=award.reason_code,
        reason=award.reason,
        cause=cause.by,
    )
    standings.put_award(tx, award, change)
    return [AwardStep(award, before)]


def _change_name(award: AwardRecord, before: AwardRecord | None) -> str:
    if award.decision == KEPT:
        return KEPT
    if award.status is AwardStatus.GRANTED:
        return "granted" if before is None else "restored"
    return award.status.value


def _count(value: object) -> str:
    return format(value, "f").rstrip("0").rstrip(".") if "." in format(value, "f") else format(value, "f")
