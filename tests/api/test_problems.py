from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from flask import Flask

from milepost import errors
from milepost.api.context import EXTENSION
from milepost.app import create_app
from milepost.errors import Problem, problem_types
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import errors as storage_errors
from tests.api.conftest import SettableClock

if TYPE_CHECKING:
    from milepost.storage.base import Store

TYPES = sorted(problem_types(), key=lambda kind: kind.slug)


@pytest.fixture(scope="module")
def with_a_door_more() -> tuple[Flask, list[Exception]]:
    """Put an application together that has a door which raises what stands first in the list."""
    raised: list[Exception] = []
    app = create_app(Services(store=cast("Store", None), clock=SettableClock(), settings=Settings()))

    @app.route("/failing")
    def fail() -> None:
        raise raised[0]

    return app, raised


@pytest.fixture
def failing(with_a_door_more: tuple[Flask, list[Exception]], services: Services) -> Any:
    """Give that application with this test's own services, and the list of what it shall raise."""
    app, raised = with_a_door_more
    app.extensions[EXTENSION] = services
    raised.clear()
    return app.test_client(), raised


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.slug)
def test_every_problem_type_is_answered_with_what_to_do(failing: Any, kind: type[Problem]) -> None:
    """Each type has its slug, status, title and a place in the documentation."""
    client, raised = failing
    raised.append(kind("It went wrong. Do this."))
    answer = client.get("/failing")
    assert answer.status_code == kind.status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {
        "type": f"/docs/errors#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": "It went wrong. Do this.",
    }
    assert f'id="{kind.slug}"' in client.get("/docs/errors").get_data(as_text=True)


def test_no_two_problem_types_share_a_slug() -> None:
    """A program can tell them apart."""
    assert len({kind.slug for kind in TYPES}) == len(TYPES)


def test_every_problem_type_is_drawn_in_the_tree() -> None:
    """The docstring of the module shows the whole tree with the statuses."""
    drawn = dict(re.findall(r"── (\w+) +(\d{3})", errors.__doc__))
    assert drawn == {kind.__name__: str(kind.status) for kind in TYPES}


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.slug)
def test_every_problem_type_is_described_for_people(kind: type[Problem], request: pytest.FixtureRequest) -> None:
    """The reference has a heading for each."""
    page = (request.config.rootpath / "docs/reference/errors.md").read_text()
    assert f"## {kind.slug}\n" in page
    section = page.split(f"## {kind.slug}\n")[1].split("\n## ")[0]
    assert str(kind.status) in section
    assert f"**Do:** {kind.fix}\n" in section


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nothing-here", 404, "/docs lists every address"),
        ("GET", "/v1/nothing", 404, "/docs lists every address"),
        ("PUT", "/v1/me", 405, "Use GET"),
        ("TRACE", "/health", 405, "Use GET"),
        ("GET", "/%ff%fe", 404, "/docs lists every address"),
    ],
)
def test_what_flask_refuses_itself_is_a_problem_too(admin: Any, method: str, path: str, status: int, said: str) -> None:
    """Nothing comes back as HTML."""
    answer = admin.call(method, path)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert said in answer.get_json()["detail"]


def test_a_refused_method_is_told_the_allowed_ones(admin: Any) -> None:
    """RFC 9110 asks for Allow with every 405."""
    assert "GET" in admin.put("/v1/me").headers["Allow"]


def test_an_unexpected_fault_gives_a_reference_that_is_in_the_log(
    failing: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The caller learns a reference and nothing of the inside; the log has both."""
    client, raised = failing
    raised.append(ZeroDivisionError("secret inside mp_0123456789abcdef"))
    answer = client.get("/failing")
    assert answer.status_code == 500
    detail = answer.get_json()["detail"]
    reference = re.search(r"Reference (R-[2-9A-Z]{8});", detail)[1]
    assert "inside" not in detail
    assert "Nothing was counted" in detail
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    entry = next(line for line in lines if line.get("reference") == reference)
    assert "ZeroDivisionError" in entry["exception"]
    assert "mp_0123456789abcdef" not in json.dumps(entry)


@pytest.mark.parametrize(
    ("raised_error", "status", "slug"),
    [
        (storage_errors.StoreUnavailable("It is away. Start it."), 503, "store-unavailable"),
        (storage_errors.StoreFull("The disk is full. Free space."), 503, "store-full"),
        (storage_errors.StoreDamaged("It is broken. Restore it."), 503, "store-unavailable"),
        (storage_errors.AliasTaken("zendesk", "7", "ana"), 409, "conflict"),
        (storage_errors.NotStorable("Half of a character."), 422, "invalid"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_store_raises_is_translated(failing: Any, raised_error: Any, status: int, slug: Any) -> None:
    """A driver's trouble reaches the caller as a sentence, and a retry is asked for where it helps."""
    client, raised = failing
    raised.append(raised_error)
    answer = client.get("/failing")
    assert answer.status_code == status
    assert answer.get_json()["type"].endswith(slug)
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_a_problem_without_places_has_no_list_of_errors() -> None:
    """The list is there only when it says something."""
    assert "errors" not in next(problem_types(Problem))("Do this.").document()
