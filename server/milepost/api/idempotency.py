"""``Idempotency-Key``: the same call sent again gets the first answer again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request

from milepost.api.bodies import read_bytes
from milepost.api.context import caller, services
from milepost.errors import IdempotencyMismatch, StillAnswering, invalid
from milepost.storage.errors import StillTaken

View = TypeVar("View", bound=Callable[..., Any])

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
#: How long a call waits for the same one before it.
PATIENCE_SECONDS = 5.0

_DESCRIPTION = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "Any text that stays the same when the call is repeated; the first answer is then given again.",
}


def idempotent(view: View) -> View:
    """Give the first answer again when a call comes with a known key; stands below `needs`.

    Only successes are kept, so a corrected call may use its key again.
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = sent_idempotency_key()
        if key is None:
            return view(*args, **kwargs)
        scope = f"{caller().key_id} {request.method} {request.path}"
        with _alone(f"{scope} {key}"):
            return _replay(scope, key) or _keep(scope, key, current_app.make_response(view(*args, **kwargs)))

    described: Any = once
    described._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # noqa: SLF001 - where flask-smorest keeps its notes
    described._apidoc.setdefault("arguments", {}).setdefault("parameters", []).append(_DESCRIPTION)  # noqa: SLF001 - the same
    return cast("View", once)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Answer one call of a name at a time; a second one waits a little and is then sent away."""
    with ExitStack() as turn:
        try:
            turn.enter_context(services().store.turn(name, patience_seconds=PATIENCE_SECONDS))
        except StillTaken:
            raise StillAnswering(
                f"A call with this {HEADER} is still being answered. Send it again in a second.", retry_after=1
            ) from None
        yield


def sent_idempotency_key() -> str | None:
    """Give the key of the call, if it has one."""
    key = request.headers.get(HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise invalid("", f"The header {HEADER} is longer than {LONGEST_KEY} characters. Use a shorter one.")
    return key or None


def forget_this_answer() -> None:
    """Keep no answer for this call: it changed nothing."""
    g.answer_is_forgotten = True


def _replay(scope: str, key: str) -> Response | None:
    with services().store.reading() as reading:
        kept = reading.answer(scope, key)
    if kept is None:
        return None
    fingerprint, answer = kept
    if fingerprint != _fingerprint():
        raise IdempotencyMismatch(
            f"The {HEADER} {key[:60]!r} was used before with another body. "
            "If this is a new call, give it a new key; if it is the same one, send the same body."
        )
    status, _, body = answer.partition("\n")
    response = Response(body, status=int(status), content_type="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _keep(scope: str, key: str, response: Response) -> Response:
    if 200 <= response.status_code < 300 and not g.get("answer_is_forgotten"):  # noqa: PLR2004 - the successes
        kept = f"{response.status_code}\n{response.get_data(as_text=True)}"
        with services().store.transaction() as transaction:
            transaction.put_answer(scope, key, _fingerprint(), kept, services().clock())
    return response


def _fingerprint() -> str:
    """Tell the content of calls apart."""
    return hashlib.sha256(request.query_string + b"\n" + read_bytes(request)).hexdigest()
