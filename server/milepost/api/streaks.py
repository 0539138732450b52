"""Streaks: check in, see them, freeze a day."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.bodies import FORM_TYPE, read_json_or_form
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.api.evaluate import keyed_call
from milepost.api.idempotency import idempotent
from milepost.operations.check_in import check_in, type_to_check_in
from milepost.operations.find_zone import zone_finder
from milepost.operations.freeze_streak import freeze_streak
from milepost.operations.show_progress import show_progress
from milepost.schemas.answers import CheckInAnswerSchema, FrozenSchema, StreakListSchema
from milepost.schemas.awards import FreezeSchema, StreakQuerySchema, one_holder
from milepost.schemas.events import CheckInSchema, load_check_in
from milepost.schemas.keys import Scope

door = Door("streaks", __name__, url_prefix="/v1/streaks", description="Consecutive working days, weeks or months.")


@door.route("/<achievement>/check-ins", methods=["POST"])
@needs(Scope.EVALUATE)
@idempotent
@door.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": CheckInSchema}, FORM_TYPE: {"schema": CheckInSchema}},
    }
)
@door.response(200, CheckInAnswerSchema)
def check_in_now(achievement: str) -> Response:
    """Check in to a streak; the event needs no type."""
    loaded = load_check_in(
        read_json_or_form(request),
        event_type=type_to_check_in(services(), achievement),
        now=services().clock(),
        zone_of=zone_finder(services()),
        fallback_id=keyed_call(),
    )
    return answer(check_in(services(), achievement, loaded, told_by=caller().key_id))


@door.route("")
@needs(Scope.READ)
@door.arguments(StreakQuerySchema, location="query")
@door.response(200, StreakListSchema)
def show_all(query: dict[str, Any]) -> Response:
    """See a holder's streaks."""
    streaks = show_progress(services(), one_holder(query))["streaks"]
    wanted = query["achievement"]
    return answer({"items": [one for one in streaks if wanted is None or one["achievement"] == wanted]})


@door.route("/<achievement>/freezes", methods=["POST"])
@needs(Scope.AWARD)
@idempotent
@door.arguments(FreezeSchema)
@door.response(200, FrozenSchema)
def freeze(freeze: dict[str, Any], achievement: str) -> Response:
    """Freeze a day, so that missing it does not end the streak."""
    return answer(
        freeze_streak(
            services(),
            achievement,
            holder=one_holder(freeze),
            day=freeze["day"],
            note=freeze["note"],
            told_by=caller().key_id,
        )
    )
