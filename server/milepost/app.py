"""The composition root: services and doors become one Flask application."""

from __future__ import annotations

from flask import Flask

from milepost.api.routes import install_api
from milepost.dashboard.routes import install_pages
from milepost.operations.services import Services


def create_app(services: Services) -> Flask:
    """Put the application together; nothing is opened and nothing is global."""
    app = Flask("milepost", static_folder=None)
    app.url_map.strict_slashes = False
    install_api(app, services)
    install_pages(app)
    return app
