"""List the awards that wait for a person, and those that did."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from milepost.errors import Invalid
from milepost.operations.award_summaries import award_summary
from milepost.operations.load_facts import load_facts
from milepost.operations.name_holder import full_name
from milepost.operations.open_review import OPEN, deciders
from milepost.operations.services import Services
from milepost.storage.base import Reading
from milepost.storage.outbox import ReviewRecord, ReviewState

#: Reviews read at once.
_PAGE = 200


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """Which reviews to list; None admits all."""

    reviewer: str | None = None
    #: None: those that are open.
    state: ReviewState | None = None
    limit: int = 50
    #: The award of the last review of the page before.
    after: str | None = None


def list_reviews(services: Services, query: ReviewQuery) -> list[dict[str, Any]]:
    """Give a page of reviews, the one that runs out first before the others."""
    states = OPEN if query.state is None else {query.state}
    with services.store.reading() as reading:
        found = _reviews(reading, states, _place_of(reading, query.after))
        if query.reviewer is not None:
            facts = load_facts(reading, actors=None)
            found = (one for one in found if query.reviewer in deciders(one, facts, services.settings.contact))
        return [review_document(reading, one, services) for one in islice(found, query.limit)]


def review_document(reading: Reading, review: ReviewRecord, services: Services) -> dict[str, Any]:
    """Give a review with its award, as a queue shows it."""
    award = reading.award(review.award_id)
    assert award is not None  # noqa: S101 - a review is of an award
    facts = load_facts(reading, actors=None)
    return {
        **award_summary(award),
        "award_id": award.id,
        "holder_name": full_name(award.holder, facts),
        "state": review.state.value,
        "reviewer": review.reviewer,
        "deciders": sorted(deciders(review, facts, services.settings.contact)),
        "opened_at": review.opened_at.isoformat(),
        "expires_at": review.expires_at.isoformat(),
        "waiting_hours": _hours(review, services.clock()),
        **{name: _moment(getattr(review, name)) for name in ("escalated_at", "closed_at")},
        **{name: getattr(review, name) for name in ("question", "asked", "answer", "delegated_by")},
        "decision": award.decision,
        "decided_by": award.decided_by,
        "note": award.note,
    }


def _reviews(
    reading: Reading, states: Collection[ReviewState], after: tuple[datetime, str] | None
) -> Iterator[ReviewRecord]:
    while page := reading.reviews(states, after=after, limit=_PAGE):
        yield from page
        after = (page[-1].expires_at, page[-1].award_id)


def _place_of(reading: Reading, award_id: str | None) -> tuple[datetime, str] | None:
    """Give behind which place a page begins."""
    if award_id is None:
        return None
    review = reading.review(award_id)
    if review is None:
        raise Invalid("*after* names no review. Give the `next_after` of the page before.")
    return review.expires_at, review.award_id


def _hours(review: ReviewRecord, at: datetime) -> float:
    """Say how long it has been waiting, or did."""
    return round(((review.closed_at or at) - review.opened_at).total_seconds() / 3600, 1)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
