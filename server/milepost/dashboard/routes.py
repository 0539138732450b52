"""All pages, put into one application."""

from __future__ import annotations

from flask import Flask

from milepost.dashboard import messages, reviews
from milepost.dashboard.messages import LOOKS
from milepost.dashboard.pages import shared
from milepost.operations.count_attention import Looks


def install_pages(app: Flask) -> None:
    """Give *app* the pages for people."""
    app.extensions[LOOKS] = Looks()
    for blueprint in (shared, messages.pages, reviews.pages):
        app.register_blueprint(blueprint)
