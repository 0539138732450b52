"""Recompute everything from the events, and compare it with what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.operations.rejudge import rejudge_everything
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.storage.base import Transaction
from milepost.storage.records import EarningRecord


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was compared, and the differences as sentences; none is right."""

    holders: int
    awards: int
    differences: tuple[str, ...]


class _Compared(Exception):  # noqa: N818 - no error: it undoes the transaction
    """Carries the outcome out of the transaction that must not be kept."""

    def __init__(self, verified: Verified) -> None:
        super().__init__()
        self.verified = verified


def verify(services: Services) -> Verified:
    """Settle what is due, then recompute everything and keep nothing of it."""
    settle_all(services)
    try:
        with services.store.transaction() as tx:
            raise _Compared(_compare(tx, services))
    except _Compared as done:
        return done.verified


def _compare(tx: Transaction, services: Services) -> Verified:
    kept = _earnings(tx)
    done = rejudge_everything(tx, services, holders=None, achievements=None, cause="verify")
    differences = [
        f"award {step.award.id} of {step.award.holder.id} for {step.award.achievement} is "
        f"{step.before.status.value if step.before else 'missing'}, and should be {step.award.status.value}"
        if step.before is None or step.before.status is not step.award.status
        else f"award {step.award.id} of {step.award.holder.id} for {step.award.achievement} rests on other events than kept"
        for step in done.steps
    ]
    again = _earnings(tx)
    differences += [
        f"progress of {one.holder.id} for {one.achievement} in {one.window} differs"
        for one in sorted(kept.symmetric_difference(again), key=repr)
    ]
    awards = sum(len(tx.awards_of(key, holder)) for key, holder in done.looked)
    return Verified(len(done.looked), awards, tuple(differences))


def _earnings(tx: Transaction) -> set[EarningRecord]:
    keys = {version.key for version in tx.achievement_versions()}
    return {one for key in keys for holder in tx.holders(key) for one in tx.earnings(key, holder)}
