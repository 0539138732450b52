"""All doors of the service, put into one application."""

from __future__ import annotations

from flask import Flask, Response
from flask_smorest import Api

from milepost import __version__
from milepost.api import (
    achievements,
    actors,
    awards,
    backups,
    calendars,
    deliveries,
    evaluate,
    events,
    feed,
    health,
    keys,
    me,
    news,
    recipes,
    reports,
    reviews,
    sources,
    streaks,
    subscriptions,
    teams,
    trials,
)
from milepost.api.context import EXTENSION, LOOKS
from milepost.api.doors import USUAL_LIMIT, Door
from milepost.api.json_provider import OrjsonProvider
from milepost.api.openapi import docs
from milepost.api.problems import install_problems
from milepost.operations.count_attention import Looks
from milepost.operations.services import Services
from milepost.schemas.running import ProblemSchema

#: In the order in which they are documented.
DOORS: tuple[Door, ...] = (
    evaluate.door,
    events.door,
    sources.door,
    awards.door,
    reviews.door,
    streaks.door,
    actors.door,
    teams.door,
    calendars.door,
    achievements.door,
    trials.door,
    recipes.door,
    subscriptions.door,
    deliveries.door,
    feed.door,
    news.door,
    reports.door,
    me.door,
    keys.door,
    backups.door,
    health.door,
)


class MilepostApi(Api):
    """flask-smorest with our own problems in place of its error bodies."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `milepost.api.problems`."""


def install_api(app: Flask, services: Services) -> None:
    """Give *app* every door, the problems and the OpenAPI document."""
    app.extensions |= {EXTENSION: services, LOOKS: Looks()}
    app.json = OrjsonProvider(app)
    app.config.update(
        API_TITLE="Milepost",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=USUAL_LIMIT,
    )
    install_problems(app)
    app.after_request(_harden)
    api = MilepostApi(app)
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for door in DOORS:
        api.register_blueprint(door)
    app.register_blueprint(docs)


def _harden(response: Response) -> Response:
    """Tell browsers and caches to keep off; answers are about people."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


#: The two headers a key may come in.
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key: `mp_…`."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key: `mp_…`."},
}
