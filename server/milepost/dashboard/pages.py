"""What all pages share: templates, one style sheet, and headers that keep everything else out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from milepost.storage.errors import StoreError

#: What every page is made of.
shared = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/pages/static"
)

#: Nothing is loaded but our own style sheet, nothing runs, nothing is sent elsewhere, and no frame holds it.
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def show_page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a page; it is kept by no cache and listed by no search engine, and the next site hears nothing of it."""
    response = Response(render_template(f"pages/{template}", **values), status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def say(title: str, *sentences: str, status: int = 200) -> Response:
    """Show a page that says one thing."""
    return show_page("said.html", status, title=title, sentences=sentences)


def make_pages(name: str) -> Blueprint:
    """Make a group of pages; what fails in them is said as a page."""
    group = Blueprint(name, __name__)
    group.register_error_handler(StoreError, _say_unreachable)
    return group


def _say_unreachable(error: StoreError) -> Response:
    del error
    return say("This cannot be shown at the moment", "Nothing was changed. Please try again in a minute.", status=503)
