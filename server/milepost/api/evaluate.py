"""Tell what happened: one event, or many."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import ValidationError, fields

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.bodies import FORM_TYPE, read_json_or_form
from milepost.api.context import caller, services
from milepost.api.doors import BULK_LIMIT, Door, takes_up_to
from milepost.api.idempotency import forget_this_answer, idempotent, sent_idempotency_key
from milepost.errors import Problem, invalid
from milepost.operations.find_zone import zone_finder
from milepost.operations.record_event import record_event, record_events
from milepost.schemas.answers import AnswerSchema, BatchAnswerSchema
from milepost.schemas.base import unknown_word
from milepost.schemas.events import BatchSchema, EvaluateSchema, load_evaluate, load_events
from milepost.schemas.keys import Scope

door = Door("evaluate", __name__, url_prefix="/v1/evaluate", description="Tell Milepost what happened.")

_BOOLEAN = fields.Boolean()


# The body is read in the view and not by the decorator: this is the one hot door.
@door.route("", methods=["POST"])
@needs(Scope.EVALUATE)
@idempotent
@door.doc(
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": EvaluateSchema}, FORM_TYPE: {"schema": EvaluateSchema}},
    }
)
@door.response(200, AnswerSchema)
def evaluate() -> Response:
    """Tell one event and learn what it meant.

    Telling it again with the same id is safe: the same content gets the first answer, other
    content is a revision. With `dry_run` nothing is kept.
    """
    asked = _dry_run_in_query()
    loaded, dry_run = load_evaluate(
        read_json_or_form(request),
        now=services().clock(),
        zone_of=zone_finder(services()),
        fallback_id=keyed_call(),
    )
    if asked or dry_run:
        forget_this_answer()
    return answer(
        record_event(
            services(),
            loaded.event,
            told_by=caller().key_id,
            warnings=loaded.warnings,
            is_dated=loaded.is_dated,
            dry_run=asked or dry_run,
        )
    )


@door.route("/batch", methods=["POST"])
@needs(Scope.EVALUATE)
@takes_up_to(BULK_LIMIT)
@idempotent
@door.arguments(BatchSchema)
@door.response(200, BatchAnswerSchema, description="Every event was taken.")
@door.alt_response(
    207, schema=BatchAnswerSchema, description="Some were not; their results are problems.", success=True
)
def evaluate_batch(batch: dict[str, Any]) -> Response:
    """Tell up to 500 events; each has its own result, in the same order."""
    loaded = load_events(
        batch["events"], now=services().clock(), zone_of=zone_finder(services()), fallback_id=keyed_call()
    )
    results = [
        result.document() if isinstance(result, Problem) else result
        for result in record_events(services(), loaded, told_by=caller().key_id)
    ]
    refused = sum("outcome" not in result for result in results)
    document = {"taken": len(results) - refused, "refused": refused, "results": results}
    return answer(document, 207 if refused else 200)


def keyed_call() -> str | None:
    """Name this call by its idempotency key, such that no other caller's is the same."""
    key = sent_idempotency_key()
    return f"{caller().key_id} {request.path} {key}" if key else None


def _dry_run_in_query() -> bool:
    """Read ``?dry_run=true``, the only thing the query may have."""
    for name in request.args:
        if name != "dry_run":
            raise invalid(f"/{name[:60]}", unknown_word(name, ["dry_run"], what="a query field"))
    try:
        return bool(_BOOLEAN.deserialize(request.args.get("dry_run", "false")))
    except ValidationError:
        raise invalid("/dry_run", "*dry_run* must be true or false.") from None
