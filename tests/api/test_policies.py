from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from milepost.api.auth import ANY_KEY, OPEN, policy_of
from milepost.schemas.keys import Scope

#: Static files carry nothing of anybody.
STATIC = {"docs.static", "pages.static"}
#: What may be asked without a key; a new door here is a decision.
OPEN_DOORS = {
    *("running.health", "running.ready", "docs.openapi", "docs.browse", "docs.browse_errors"),
    # these carry their own right in the address
    *("review_pages.show_review", "review_pages.decide_review"),
    *("message_pages.show_message", "message_pages.follow", "message_pages.show_pixel"),
}


def _rules(app: Flask) -> Any:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in STATIC]


def _filled(rule: Any) -> Any:
    path = rule.rule
    for name in rule.arguments:
        start = path.index("<")
        path = path[:start] + f"some-{name.replace('_', '-')}" + path[path.index(">") + 1 :]
    return path


def _calls(app: Flask) -> Any:
    return [
        (method, _filled(rule), policy_of(app.view_functions[rule.endpoint]))
        for rule in _rules(app)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def test_every_route_has_a_policy(app: Flask) -> None:
    """A door somebody forgot to guard fails here."""
    unguarded = [rule.endpoint for rule in _rules(app) if policy_of(app.view_functions[rule.endpoint]) is None]
    assert unguarded == []


def test_only_the_known_doors_are_open(app: Flask) -> None:
    """What the whole world may ask is a short list."""
    opened = {rule.endpoint for rule in _rules(app) if policy_of(app.view_functions[rule.endpoint]) == OPEN}
    assert opened == OPEN_DOORS


def test_every_guarded_route_refuses_a_call_without_key(app: Flask, stranger: Any) -> None:
    """Before it looks at anything else."""
    for method, path, policy in _calls(app):
        if policy != OPEN:
            answer = stranger.call(method, path, data=b"{", content_type="application/json")
            assert (method, path, answer.status_code) == (method, path, 401)


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.ADMIN])
def test_a_scope_opens_its_own_doors_and_no_others(app: Flask, caller_with: Any, scope: Any) -> None:
    """The whole matrix, from the routes themselves."""
    caller = caller_with(str(scope))
    for method, path, policy in _calls(app):
        if policy not in (OPEN, ANY_KEY):
            answer = caller.call(method, path, data=b"{", content_type="application/json")
            is_refused = answer.status_code == 403
            assert (method, path, is_refused) == (method, path, policy != scope)


def test_an_admin_key_is_refused_nowhere(app: Flask, caller_with: Any) -> None:
    """Admin has every scope."""
    caller = caller_with("admin")
    for method, path, _policy in _calls(app):
        answer = caller.call(method, path, data=b"{", content_type="application/json")
        assert answer.status_code not in (401, 403)
        assert answer.status_code < 500
