"""List awards, and show one with its history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from milepost.engine.people import HolderKind
from milepost.errors import NotFound
from milepost.operations.load_facts import load_facts
from milepost.operations.services import Services
from milepost.operations.visibility import is_hidden
from milepost.storage.base import Reading
from milepost.storage.records import AwardQuery, AwardRecord


def list_awards(services: Services, query: AwardQuery, *, shows_everybody: bool) -> list[dict[str, Any]]:
    """Give a page of awards, by id; of people whose progress is private only if they are asked for by name.

    *shows_everybody*: for those who run it all.
    """
    with services.store.reading() as reading:
        if shows_everybody or query.holder is not None:
            return [award_document(award) for award in reading.awards(query)]
        return [award_document(award) for award in islice(_public_awards(reading, query), query.limit)]


def _public_awards(reading: Reading, query: AwardQuery) -> Iterator[AwardRecord]:
    """Give the awards from a page on that everybody may see."""
    facts = load_facts(reading, actors=None)
    while page := reading.awards(query):
        yield from (award for award in page if not is_hidden(award.holder, facts))
        query = replace(query, after=page[-1].id)


def show_award(services: Services, award_id: str) -> dict[str, Any]:
    """Give an award with every step of its history."""
    with services.store.reading() as reading:
        award = reading.award(award_id)
        changes = reading.award_changes(award_id)
    if award is None:
        raise NotFound(f"There is no award {award_id[:80]!r}. GET /v1/awards lists what there is.")
    return {**award_document(award), "history": [asdict(change) for change in changes]}


def award_document(award: AwardRecord) -> dict[str, Any]:
    """Give an award as it is shown, its holder as an actor or a team."""
    document = asdict(award)
    del document["holder"], document["slot"]
    for kind in HolderKind:
        document[kind.value] = award.holder.id if award.holder.kind is kind else None
    return document
