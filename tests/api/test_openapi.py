from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from milepost.api.auth import OPEN


@pytest.fixture
def spec(stranger: Any) -> Any:
    """Give the document as anybody can get it."""
    return stranger.get("/openapi.json").get_json()


def _operations(spec: Any) -> Any:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def _as_template(rule: Any) -> Any:
    return re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule)


def _references(node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


def test_the_document_is_openapi_3_1(spec: Any) -> None:
    """Tools read the version first."""
    assert spec["openapi"] == "3.1.0"
    assert spec["info"]["title"] == "Milepost"


def test_every_route_under_v1_is_in_the_document(app: Flask, spec: Any) -> None:
    """Nothing can be called that is not described."""
    routes = {
        f"{method} {_as_template(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == {name for name, _ in _operations(spec) if " /v1/" in name}


def test_every_operation_has_a_summary_a_scope_and_an_answer(spec: Any) -> None:
    """The docstring of the view is the summary."""
    for name, operation in _operations(spec):
        assert operation["summary"].endswith("."), name
        assert operation["x-scope"], name
        assert (operation["security"] == []) == (operation["x-scope"] == OPEN), name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_every_reference_in_the_document_leads_somewhere(spec: Any) -> None:
    """No shape is missing."""
    for reference in _references(spec):
        node = spec
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_the_write_steps_take_forms_too(spec: Any) -> None:
    """Make cannot escape JSON."""
    for path in ("/v1/evaluate", "/v1/streaks/{achievement}/check-ins", "/v1/awards"):
        assert "application/x-www-form-urlencoded" in spec["paths"][path]["post"]["requestBody"]["content"]


def test_the_write_steps_name_the_idempotency_key(spec: Any) -> None:
    """The header is part of the contract."""
    for path in ("/v1/evaluate", "/v1/evaluate/batch", "/v1/awards", "/v1/streaks/{achievement}/check-ins"):
        names = [parameter["name"] for parameter in spec["paths"][path]["post"]["parameters"] if "name" in parameter]
        assert "Idempotency-Key" in names


def test_the_pages_need_nothing_from_elsewhere(stranger: Any) -> None:
    """They work in an empty network and run no script."""
    for path in ("/docs", "/docs/errors"):
        answer = stranger.get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "<script" not in page
        assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    with stranger.get("/docs/static/docs.css") as style:
        assert style.status_code == 200


def test_the_page_shows_every_operation_and_every_link_on_it_works(stranger: Any, spec: Any) -> None:
    """Somebody who browses finds everything."""
    page = stranger.get("/docs").get_data(as_text=True)
    for name, _ in _operations(spec):
        assert f"<code>{name}</code>" in page
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_every_address_has_its_line_in_the_reference(spec: Any, request: pytest.FixtureRequest) -> None:
    """docs/reference/api.md lists what can be called."""
    page = (request.config.rootpath / "docs/reference/api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z]+ /\S+)`", page, re.MULTILINE))
    assert listed == {name for name, _ in _operations(spec)}


def test_every_answer_tells_browsers_to_keep_off(stranger: Any) -> None:
    """Answers are about people."""
    headers = stranger.get("/health").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
