"""The application for a WSGI server: ``granian --interface wsgi --factory milepost.wsgi:make_app``."""

from __future__ import annotations

import os

from flask import Flask

from milepost.app import create_app
from milepost.clock import read_clock
from milepost.log import configure_log
from milepost.operations.services import Services
from milepost.settings import read_settings
from milepost.storage import open_store


def make_app() -> Flask:
    """Put the application together from the environment; the store stays open with the process."""
    configure_log(as_json=True)
    settings = read_settings(os.environ)
    return create_app(Services(store=open_store(settings.store), clock=read_clock, settings=settings))
