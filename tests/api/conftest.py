"""A whole application on a real store, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from milepost.api.context import EXTENSION
from milepost.app import create_app
from milepost.log import configure_log
from milepost.operations.make_key import make_key
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADMIN_KEY = "settings-key-for-tests-0123456789"


@dataclass
class SettableClock:
    """A clock that stands still until it is moved."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        """Give the moment it stands at."""
        return self.now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass
class Caller:
    """Somebody who calls with one key."""

    client: FlaskClient
    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Send a GET."""
        return self.call("GET", path, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        """Send a POST."""
        return self.call("POST", path, **more)

    def put(self, path: str, **more: Any) -> TestResponse:
        """Send a PUT."""
        return self.call("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        """Send a DELETE."""
        return self.call("DELETE", path, **more)

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """Send a call with the key, if there is one."""
        sent = {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **(headers or {})}
        return self.client.open(path, method=method, headers=sent, **more)


@pytest.fixture
def clock() -> SettableClock:
    """Stand at noon of Monday, 2 March 2026."""
    return SettableClock()


@pytest.fixture
def services(tmp_path: Path, clock: SettableClock) -> Iterator[Services]:
    """Open an empty store."""
    configure_log(as_json=True)
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=clock, settings=Settings(api_key=ADMIN_KEY))
    store.close()


@pytest.fixture(scope="module")
def unchanged_admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Call with every scope on an application that the whole module shares; for calls that change nothing."""
    configure_log(as_json=True)
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'milepost.db'}")
    app = create_app(Services(store=store, clock=SettableClock(), settings=Settings(api_key=ADMIN_KEY)))
    yield Caller(app.test_client(), ADMIN_KEY)
    store.close()


@pytest.fixture(scope="session")
def put_together() -> Flask:
    """Put the application together once: describing its doors takes longer than most tests."""
    return create_app(Services(store=cast("Store", None), clock=SettableClock(), settings=Settings()))


@pytest.fixture
def app(put_together: Flask, services: Services) -> Flask:
    """Give the application with this test's own services."""
    put_together.extensions[EXTENSION] = services
    return put_together


@pytest.fixture
def admin(app: Flask) -> Caller:
    """Call with every scope."""
    return Caller(app.test_client(), ADMIN_KEY)


@pytest.fixture
def stranger(app: Flask) -> Caller:
    """Call without any key."""
    return Caller(app.test_client(), None)


@pytest.fixture
def caller_with(app: Flask, services: Services) -> Any:
    """Give a maker of callers whose key has just the scopes named."""

    def make(*scopes: str) -> Caller:
        return Caller(app.test_client(), make_key(services, name="test", scopes=scopes).secret)

    return make
