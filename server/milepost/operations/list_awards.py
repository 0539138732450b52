"""List awards, and show one with its history."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from milepost.engine.people import HolderKind
from milepost.errors import NotFound
from milepost.operations.services import Services
from milepost.storage.records import AwardQuery, AwardRecord


def list_awards(services: Services, query: AwardQuery) -> list[dict[str, Any]]:
    """Give a page of awards, by id."""
    with services.store.reading() as reading:
        return [award_document(award) for award in reading.awards(query)]


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
