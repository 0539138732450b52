"""Payloads of source systems, just as they send them."""

from __future__ import annotations

from flask import Response, request

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.bodies import read_json
from milepost.api.context import caller, services
from milepost.api.doors import BULK_LIMIT, Door, takes_up_to
from milepost.api.idempotency import idempotent
from milepost.operations.take_payload import take_payload
from milepost.schemas.answers import PayloadAnswerSchema
from milepost.schemas.keys import Scope

door = Door("sources", __name__, url_prefix="/v1/sources", description="Webhooks of source systems, mapped here.")


@door.route("/<source>", methods=["POST"])
@needs(Scope.EVALUATE)
@takes_up_to(BULK_LIMIT)
@idempotent
@door.doc(requestBody={"required": True, "content": {"application/json": {"schema": {}}}})
@door.response(200, PayloadAnswerSchema, description="Everything in it was taken.")
@door.alt_response(207, schema=PayloadAnswerSchema, description="Some of it was not.", success=True)
def take(source: str) -> Response:
    """Take a webhook body as the source system sends it; the source's mapping turns it into events."""
    document = take_payload(services(), source, read_json(request), told_by=caller().key_id)
    is_whole = not document["problems"] and document["told"] == len(document["results"])
    return answer(document, 200 if is_whole else 207)
