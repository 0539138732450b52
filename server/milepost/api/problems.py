"""Every failure becomes an answer here, once, as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import secrets

import orjson
import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from milepost.errors import (
    BodyTooLarge,
    BodyUnreadable,
    Broken,
    Conflict,
    ContentTypeUnknown,
    Invalid,
    MethodUnknown,
    Problem,
    RequestRefused,
    RouteUnknown,
    StoreFull,
    StoreUnavailable,
)
from milepost.storage import errors as storage

log = structlog.get_logger()

PROBLEM_TYPE = "application/problem+json"
#: Letters and digits that cannot be mistaken for one another when read out.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def install_problems(app: Flask) -> None:
    """Answer every failure of *app* as a problem, also those Flask makes itself."""
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(storage.StoreError, lambda error: answer_problem(problem_of_store(error)))
    app.register_error_handler(HTTPException, _answer_http_exception)
    app.register_error_handler(Exception, _answer_unexpected)


def answer_problem(problem: Problem) -> Response:
    """Give the answer for a problem."""
    response = Response(orjson.dumps(problem.document()), status=problem.status, content_type=PROBLEM_TYPE)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:  # noqa: PLR2004 - RFC 9110 asks for the scheme with every 401
        response.headers["WWW-Authenticate"] = 'Bearer realm="milepost"'
    if isinstance(problem, StoreUnavailable):
        log.error("store_unavailable", detail=problem.detail)
    return response


def problem_of(error: HTTPException) -> Problem:
    """Translate what Flask and Werkzeug raise themselves."""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
        return MethodUnknown(f"{_shown_path()} does not take {request.method[:20]}. Use {allowed}.")
    if isinstance(error, RequestEntityTooLarge):
        megabytes = (request.max_content_length or 0) // 1_000_000
        return BodyTooLarge(f"The body is larger than the {megabytes} MB this address takes. Send less at a time.")
    kind, detail = _SENTENCES.get(error.code or 0, (RequestRefused, f"The call was refused: {error.name}. {_CHECK}"))
    return kind(detail.replace("{path}", _shown_path()))


_CHECK = "Check the address, the headers and the body."
_SENTENCES: dict[int, tuple[type[Problem], str]] = {
    400: (BodyUnreadable, f"The call cannot be read. {_CHECK}"),
    404: (RouteUnknown, "There is nothing at {path}. /docs lists every address of this service."),
    415: (ContentTypeUnknown, "Send JSON with the header Content-Type: application/json."),
    422: (Invalid, "Something in the call needs a correction. Compare it with /docs."),
}


def problem_of_store(error: storage.StoreError) -> Problem:
    """Translate what a store raises."""
    match error:
        case storage.StoreConflict():
            return Conflict(str(error))
        case storage.NotStorable():
            return Invalid(str(error))
        case storage.StoreFull():
            return StoreFull(str(error))
        case _:
            return StoreUnavailable(str(error))


def _answer_http_exception(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:  # noqa: PLR2004 - a redirect is no failure
        return Response(error.get_response().response, error.code, error.get_headers())
    problem = problem_of(error)
    response = answer_problem(problem)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _answer_unexpected(error: Exception) -> Response:
    """Say that it is our fault; what happened is in the log under the reference, and nowhere else."""
    reference = "R-" + "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
    log.error("unexpected_error", reference=reference, method=request.method, route=_route(), exc_info=error)
    return answer_problem(
        Broken(f"Something broke on our side. Nothing was counted. Reference {reference}; it is in the log.")
    )


def _route() -> str | None:
    """Give the address without what it names: the log names nobody."""
    return request.url_rule.rule if request.url_rule else None


def _shown_path() -> str:
    """Show the path as it can be written into JSON and read by a person."""
    return ascii(request.path[:100])[1:-1]
