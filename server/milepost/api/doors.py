"""The kind of blueprint that every resource is: strict about what comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, NoReturn, TypeVar

from flask import Request, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from milepost.api.bodies import FORM_TYPE, read_json, read_json_or_form
from milepost.errors import Invalid
from milepost.schemas.base import field_errors, refused

View = TypeVar("View", bound=Callable[..., Any])

MEGABYTE = 1_000_000
#: The largest body a door takes unless it says otherwise.
USUAL_LIMIT = MEGABYTE
#: The largest body of a door that takes many things at once.
BULK_LIMIT = 5 * MEGABYTE


class DoorParser(FlaskParser):
    """Reads bodies safely and reports all that is wrong with them in one problem."""

    # The schemas themselves say what to do with unknown fields.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012 - declared like this by webargs
    __location_map__ = {**FlaskParser.__location_map__, "json_or_nothing": "load_json_or_nothing"}  # noqa: RUF012 - as webargs declares it

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Read the body as JSON."""
        del schema
        return read_json(req)

    def load_json_or_nothing(self, req: Request, schema: Schema) -> Any:
        """Read the body as JSON; an empty one is an object without fields."""
        return self.load_json(req, schema) if req.get_data() else {}

    def load_json_or_form(self, req: Request, schema: Schema) -> Any:
        """Read the body as JSON or as a form."""
        del schema
        return read_json_or_form(req)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Read the query, with every field given once or declared as a list."""
        for name, values in req.args.lists():
            if len(values) > 1:
                raise Invalid(f"*{name[:60]}* is in the query twice. Give it once.")
        return MultiDictProxy(req.args, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise the problem with one entry for each place that needs a correction."""
        del req, schema, error_status_code, error_headers
        messages = error.messages
        inner = next(iter(messages.values())) if isinstance(messages, dict) and len(messages) == 1 else messages
        raise refused(field_errors(inner)) from error


class Door(Blueprint):
    """One resource under ``/v1``."""

    ARGUMENTS_PARSER = DoorParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING: ClassVar[dict[str, str]] = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        "json_or_form": "application/json",
        "json_or_nothing": "application/json",
    }

    def _prepare_arguments_doc(self, doc: dict[str, Any], doc_info: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Document the form beside the JSON where a door reads both."""
        places = [parameter.get("in") for parameter in doc_info.get("arguments", {}).get("parameters", [])]
        documented: dict[str, Any] = super()._prepare_arguments_doc(doc, doc_info, **more)
        if "json_or_form" in places:
            content = documented["requestBody"]["content"]
            content[FORM_TYPE] = content["application/json"]
        return documented


def takes_up_to(limit: int) -> Callable[[View], View]:
    """Let a door take a larger body than usual; stands above the arguments."""

    def decorate(view: View) -> Any:
        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            request.max_content_length = limit
            return view(*args, **kwargs)

        return limited

    return decorate
