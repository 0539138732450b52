"""Awards: give one by hand, see them, annotate, take back."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.api.evaluate import keyed_call
from milepost.api.idempotency import idempotent
from milepost.operations.decide_award import note_award, revoke_award
from milepost.operations.give_award import give_award
from milepost.operations.list_awards import list_awards, show_award
from milepost.schemas.awards import (
    AwardQuerySchema,
    AwardSchema,
    AwardWithHistorySchema,
    CauseSchema,
    NewAwardSchema,
    NoteSchema,
    holder_of,
    one_holder,
)
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.storage.records import AwardQuery, AwardStatus

door = Door("awards", __name__, url_prefix="/v1/awards", description="What was earned.")


@door.route("", methods=["POST"])
@needs(Scope.AWARD)
@idempotent
@door.arguments(NewAwardSchema, location="json_or_form")
@door.response(201, AwardSchema)
@door.alt_response(200, schema=AwardSchema, description="It was given before; this is it.", success=True)
def give(award: dict[str, Any]) -> Response:
    """Give an award by hand, or for a platform that did its own judging."""
    document, created = give_award(
        services(),
        achievement=award["achievement"],
        holder=one_holder(award),
        award_id=award["id"] or keyed_call(),
        points=award["points"],
        note=award["note"],
        evidence=tuple(award["evidence"]),
        told_by=caller().key_id,
    )
    return answer(document, 201 if created else 200)


@door.route("")
@needs(Scope.READ)
@door.arguments(AwardQuerySchema, location="query")
@door.response(200, page_of(AwardSchema))
def show_all(query: dict[str, Any]) -> dict[str, Any]:
    """List awards, whatever their status unless one is asked for; a key without `manage` sees no private ones."""
    found = list_awards(
        services(),
        AwardQuery(
            holder=holder_of(query),
            achievement=query["achievement"],
            status=AwardStatus(query["status"]) if query["status"] else None,
            since=query["since"],
            limit=query["limit"],
            after=query["after"],
        ),
        shows_everybody=caller().may(Scope.MANAGE),
    )
    return page_document(found, limit=query["limit"])


@door.route("/<award_id>")
@needs(Scope.READ)
@door.response(200, AwardWithHistorySchema)
def show(award_id: str) -> dict[str, Any]:
    """See an award with its history."""
    return show_award(services(), award_id)


@door.route("/<award_id>/revocation", methods=["POST"])
@needs(Scope.AWARD)
@idempotent
@door.arguments(CauseSchema)
@door.response(200, AwardSchema)
def revoke(cause: dict[str, Any], award_id: str) -> Response:
    """Take an award back; it stays in the history with the reason."""
    return answer(revoke_award(services(), award_id, reason=cause["reason"], told_by=caller().key_id))


@door.route("/<award_id>/note", methods=["POST"])
@needs(Scope.AWARD)
@door.arguments(NoteSchema)
@door.response(200, AwardSchema)
def note(note: dict[str, Any], award_id: str) -> Response:
    """Write a note to an award, in place of the one before."""
    return answer(note_award(services(), award_id, note=note["note"].strip() or None, told_by=caller().key_id))
