"""Who may use which door; every route has one of these policies."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request

from milepost.api.context import services
from milepost.operations.check_key import check_key
from milepost.schemas.keys import Scope

View = TypeVar("View", bound=Callable[..., Any])

#: The policy of a door that needs no key.
OPEN = "open"
#: The policy of a door that takes any key.
ANY_KEY = "any key"
#: Either header is enough.
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]


def needs(scope: Scope) -> Callable[[View], View]:
    """Let only callers through whose key has *scope*; stands directly below the route."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = check_key(services(), sent_key())
            g.caller.require(scope)
            return view(*args, **kwargs)

        return cast("View", _with_policy(guarded, str(scope), SECURITY))

    return decorate


def needs_key(view: View) -> View:
    """Let every caller with a good key through; stands directly below the route."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.caller = check_key(services(), sent_key())
        return view(*args, **kwargs)

    return cast("View", _with_policy(guarded, ANY_KEY, SECURITY))


def open_door(view: View) -> View:
    """Let everybody through; stands directly below the route."""

    @wraps(view)
    def unguarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return cast("View", _with_policy(unguarded, OPEN, []))


def policy_of(view: Callable[..., Any]) -> str | None:
    """Give a view's policy: a scope, `ANY_KEY`, `OPEN`, or None for a view that has been forgotten."""
    return getattr(view, "policy", None)


def sent_key() -> str | None:
    """Give the key that came with the call."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("X-API-Key", "").strip() or None


def _with_policy(view: Callable[..., Any], policy: str, security: list[dict[str, list[str]]]) -> Any:
    """Note the policy at the view, for the tests and for the OpenAPI document."""
    described: Any = view
    described.policy = policy
    described._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # noqa: SLF001 - where flask-smorest keeps its notes
    described._apidoc.setdefault("manual_doc", {}).update(  # noqa: SLF001 - the same
        {"security": security, "x-scope": policy}
    )
    return described
