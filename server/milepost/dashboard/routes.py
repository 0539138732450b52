"""All pages, put into one application."""

from __future__ import annotations

from flask import Flask

from milepost.dashboard import messages, reviews
from milepost.dashboard.pages import shared


def install_pages(app: Flask) -> None:
    """Give *app* the pages for people."""
    for blueprint in (shared, messages.pages, reviews.pages):
        app.register_blueprint(blueprint)
