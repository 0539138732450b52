"""The service described: as OpenAPI for programs, as pages for people; nothing is fetched from elsewhere."""

from __future__ import annotations

import inspect
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, render_template

from milepost.api.auth import open_door
from milepost.errors import problem_types

docs = Blueprint("docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static")

#: The one CSP of pages without scripts.
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@docs.route("/openapi.json")
@open_door
def openapi() -> Response:
    """Give the OpenAPI 3.1 document."""
    return Response(orjson.dumps(_spec()), content_type="application/json")


@docs.route("/docs")
@open_door
def browse() -> Response:
    """Show every door with what it takes and gives."""
    spec = _spec()
    return _page(
        "docs/doors.html", title=spec["info"]["title"], tags=_by_tag(spec), schemas=spec["components"]["schemas"]
    )


@docs.route("/docs/errors")
@open_door
def browse_errors() -> Response:
    """Show every problem type; the ``type`` of a problem links here."""
    kinds = sorted(problem_types(), key=lambda kind: (kind.status, kind.slug))
    return _page("docs/errors.html", kinds=[(kind, inspect.cleandoc(kind.__doc__ or "")) for kind in kinds])


def schema_name(schema: Any) -> str | None:
    """Give the name of the schema that a ``$ref`` in the document points at."""
    if not isinstance(schema, dict):
        return None
    reference = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
    return str(reference).rpartition("/")[2] or None


def _spec() -> dict[str, Any]:
    api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    document: dict[str, Any] = api.spec.to_dict()
    return document


def _by_tag(spec: dict[str, Any]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Give the operations of each tag in the order of the document."""
    operations = [
        {"method": method.upper(), "path": path, **operation, "path_parameters": item.get("parameters", [])}
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "responses" in operation
    ]
    return [(tag, [entry for entry in operations if tag["name"] in entry["tags"]]) for tag in spec["tags"]]


def _page(template: str, **values: Any) -> Response:
    response = Response(
        render_template(template, schema_name=schema_name, **values), content_type="text/html; charset=utf-8"
    )
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
