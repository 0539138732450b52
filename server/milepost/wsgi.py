"""The application for another WSGI server: ``granian --interface wsgi --factory milepost.wsgi:make_app``.

`milepost serve` does not need it. One process may have a SQLite file open, so start one worker process.
"""

from __future__ import annotations

import atexit
import os

from flask import Flask

from milepost.app import create_app
from milepost.clock import read_clock
from milepost.log import configure_log
from milepost.operations.services import Services
from milepost.settings import read_settings
from milepost.storage import open_store
from milepost.worker import Worker


def make_app() -> Flask:
    """Put the application together from the environment; store and worker live as long as the process."""
    configure_log(as_json=True)
    settings = read_settings(os.environ)
    services = Services(store=open_store(settings.store), clock=read_clock, settings=settings)
    worker = Worker(services)
    worker.start()
    atexit.register(services.store.close)
    atexit.register(worker.stop)  # the last registered is called first
    return create_app(services)
