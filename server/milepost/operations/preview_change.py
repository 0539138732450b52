"""Show what a change of a rule would do, for either choice about the past, without keeping anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from milepost.engine.achievements import State
from milepost.engine.facts import Facts, Past
from milepost.engine.rule_changes import describe_change
from milepost.engine.sentences import describe
from milepost.operations.award_summaries import holder_name
from milepost.operations.load_facts import load_facts
from milepost.operations.name_holder import full_name
from milepost.operations.rule_book import JUDGED, rule_book
from milepost.operations.save_achievement import Saved, Wanted, as_of_version, save_change, with_state
from milepost.operations.services import Services
from milepost.operations.settle import settle_some
from milepost.operations.settle_awards import KEPT, AwardStep
from milepost.operations.show_achievements import advice_documents
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import AwardRecord, AwardStatus
from milepost.storage.rehearsal import rehearsal

#: Awards named one by one.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that is thought about: a document, another state, or an earlier version; one of the three."""

    key: str
    document: Any = None
    state: State | None = None
    version: int | None = None

    def document_in(self, reading: Reading) -> Any:
        """Give the document that would be saved."""
        if self.state is not None:
            return with_state(reading, self.key, self.state)
        if self.version is not None:
            return as_of_version(reading, self.key, self.version)
        return self.document


@dataclass(frozen=True, slots=True)
class _Tried:
    """What saving came to."""

    saved: Saved
    changes: tuple[str, ...]
    sentence_before: str | None
    effect: dict[str, Any]


def preview_change(services: Services, proposal: Proposal) -> dict[str, Any]:
    """Try a change with both choices about the past; the store stays as it is.

    Raises what saving would raise.
    """
    unsaid = _try(services, proposal, None)
    chosen = unsaid.saved.past
    is_judged = unsaid.saved.state in JUDGED
    effects = {past: _try(services, proposal, past) if is_judged and past is not chosen else unsaid for past in Past}
    return {
        "key": unsaid.saved.key,
        "state": str(unsaid.saved.state),
        "sentence": unsaid.saved.sentence,
        "sentence_before": unsaid.sentence_before,
        "changes": list(unsaid.changes),
        "past": str(chosen) if chosen else None,
        "advice": advice_documents(unsaid.saved.advice),
        **{str(past): tried.effect for past, tried in effects.items()},
    }


def _try(services: Services, proposal: Proposal, past: Past | None) -> _Tried:
    with rehearsal(services.store) as tx:
        tx.lock_everything()
        _settle(tx, services)
        wanted = Wanted(proposal.document_in(tx), author="preview", past=past)
        saved, steps = save_change(tx, services, wanted)
        history = rule_book(tx).history(saved.key)
        before = history[-2 if saved.changed else -1] if len(history) > saved.changed else None
        return _Tried(
            saved=saved,
            changes=describe_change(before, history[-1]) if saved.changed else (),
            sentence_before=describe(before.achievement) if before else None,
            effect=_effect(steps, load_facts(tx, actors=None)),
        )


def _settle(tx: Transaction, services: Services) -> None:
    """Judge what is due by now, so that time alone is not taken for an effect of the change."""
    while tx.due(by=services.clock(), limit=1):
        settle_some(tx, services)


def _effect(steps: Sequence[AwardStep], facts: Facts) -> dict[str, Any]:
    """Count what would fall, appear, be kept or be worth something else."""
    named = [(name, step) for step in steps if (name := _name(step))]
    rows = sorted((_row(name, step, facts) for name, step in named), key=_by_name)
    return {
        **{word: len([name for name, _ in named if name == word]) for word in EFFECTS},
        "points": sum(_worth(step.award) - _worth(step.before) for _, step in named),
        "people": len({step.award.holder for _, step in named}),
        "awards": rows[:NAMED],
    }


#: What can become of an award.
EFFECTS = ("appears", "falls", "kept", "waits", "revalued")


def _name(step: AwardStep) -> str | None:
    """Name what becomes of an award; None for what people would not see."""
    award, before = step.award, step.before
    if step.is_grant:
        return "appears"
    if step.is_loss:
        return "falls"
    if award.decision == KEPT and (before is None or before.decision != KEPT):
        return "kept"
    if before is None or before.status is not award.status:
        return "waits" if award.status is AwardStatus.IN_REVIEW else None
    return "revalued" if _worth(award) != _worth(before) else None


def _worth(award: AwardRecord | None) -> int:
    return award.points if award is not None and award.status is AwardStatus.GRANTED else 0


def _row(effect: str, step: AwardStep, facts: Facts) -> dict[str, Any]:
    award = step.award
    return {
        "holder": holder_name(award.holder),
        "name": full_name(award.holder, facts),
        "achievement": award.achievement,
        "slot": award.slot,
        "tier": award.tier,
        "earned_at": award.earned_at.isoformat(),
        "effect": effect,
        "points_before": _worth(step.before),
        "points": _worth(award),
    }


def _by_name(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["name"].casefold(), row["holder"], row["earned_at"], row["achievement"]
