"""Reviews: the queue, and what a person decides, asks, answers or hands on."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.api.idempotency import idempotent
from milepost.operations.decide_award import review_award
from milepost.operations.discuss_review import answer_question, ask_about_award, delegate_review
from milepost.operations.list_reviews import ReviewQuery, list_reviews
from milepost.schemas.addresses import same_address
from milepost.schemas.awards import AwardSchema
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.schemas.reviews import DecisionSchema, DelegationSchema, ReplySchema, ReviewQuerySchema, ReviewSchema
from milepost.storage.outbox import ReviewState

door = Door("reviews", __name__, url_prefix="/v1", description="Awards that wait for a person's decision.")


@door.route("/reviews")
@needs(Scope.AWARD)
@door.arguments(ReviewQuerySchema, location="query")
@door.response(200, page_of(ReviewSchema))
def show_all(query: dict[str, Any]) -> Response:
    """List what waits for a decision, the one that runs out first before the others."""
    found = list_reviews(
        services(),
        ReviewQuery(
            reviewer=same_address(query["reviewer"]) if query["reviewer"] else None,
            state=ReviewState(query["state"]) if query["state"] else None,
            limit=query["limit"],
            after=query["after"],
        ),
    )
    return answer(page_document(found, limit=query["limit"], key="award_id"))


@door.route("/awards/<award_id>/review", methods=["POST"])
@needs(Scope.AWARD)
@idempotent
@door.arguments(DecisionSchema)
@door.response(200, AwardSchema)
def decide(body: dict[str, Any], award_id: str) -> Response:
    """Decide about an award that waits for a person, or ask somebody before."""
    by, decision, note = _person(body), body["decision"], body["note"]
    if decision == "asked":
        to = same_address(body["to"]) if body["to"] else None
        return answer(ask_about_award(services(), award_id, question=note, to=to, told_by=by))
    return answer(review_award(services(), award_id, decision=decision, note=note, told_by=by))


@door.route("/awards/<award_id>/answer", methods=["POST"])
@needs(Scope.AWARD)
@idempotent
@door.arguments(ReplySchema)
@door.response(200, ReviewSchema)
def reply(body: dict[str, Any], award_id: str) -> Response:
    """Answer what was asked about an award; whoever decides is told."""
    return answer(answer_question(services(), award_id, answer=body["answer"], told_by=_person(body)))


@door.route("/awards/<award_id>/delegation", methods=["POST"])
@needs(Scope.AWARD)
@idempotent
@door.arguments(DelegationSchema)
@door.response(200, ReviewSchema)
def delegate(body: dict[str, Any], award_id: str) -> Response:
    """Let somebody else decide; they are told, and the time limit stays."""
    to = same_address(body["to"])
    return answer(delegate_review(services(), award_id, to=to, note=body["note"], told_by=_person(body)))


def _person(body: dict[str, Any]) -> str:
    """Give who does it: the person named, else the key."""
    return same_address(body["by"]) if body["by"] else caller().key_id
