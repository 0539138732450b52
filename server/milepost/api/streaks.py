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
from milepost.operations.check_in import check_in
from milepost.operations.find_zone import zone_finder
from milepost.operations.freeze_streak import freeze_streak
from milepost.operations.show_progress import show_progress
from milepost.schemas.answers import AnswerSchema, StreaksSchema
from milepost.schemas.awards import FreezeSchema, StreakQuerySchema, holder_of
from milepost.schemas.events import CheckInSchema, load_check_in
from milepost.schemas.keys import Scope

door = Door("streaks", __name__, url_prefix="/v1/streaks", description="Consecutive working days, weeks or months.")
