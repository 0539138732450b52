"""Call the application in this very process, without a server: what is measured is Milepost alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import orjson

from milepost.app import create_app
from milepost.engine.events import Event
from milepost.operations.make_key import make_key
from milepost.operations.services import Services
from milepost.schemas.events import event_document
from milepost.schemas.keys import Scope
from milepost.settings import Settings
from milepost.storage import open_store


@dataclass
class Hands:
    """A clock that is set by hand."""

    moment: datetime

    def __call__(self) -> datetime:
        """Give the moment it was set to."""
        return self.moment


@dataclass
class Caller:
    """One caller with a key, on one application."""

    services: Services
    app: WSGIApplication = field(init=False)

    def __post_init__(self) -> None:
        """Make the application and a key for it."""
        assert isinstance(self.services.clock, Hands)
        self._clock = self.services.clock
        self.app = create_app(self.services)
        self.key = make_key(self.services, name="bench", scopes=[Scope.EVALUATE]).secret

    def tell(self, event: Event) -> Any:
        """Tell one event when it occurs, and give the answer."""
        return self.post("/v1/evaluate", body_of(event), at=event.occurred_at)

    def tell_batch(self, events: list[Event]) -> Any:
        """Tell many events in one call when the last of them occurs."""
        body = orjson.dumps({"events": [event_document(event) for event in events]})
        return self.post("/v1/evaluate/batch", body, at=events[-1].occurred_at)

    def post(self, path: str, body: bytes, *, at: datetime) -> Any:
        """Call a door, and give what it answers; anything but 200 is an error."""
        self._clock.moment = max(self._clock.moment, at)
        statuses: list[str] = []
        answer = b"".join(self.app(self._environment(path, body), lambda status, *_: statuses.append(status)))  # type: ignore[arg-type] # nobody calls `write`
        if statuses != ["200 OK"]:
            raise AssertionError(f"{path} answered {statuses}: {answer[:500]!r}")
        return orjson.loads(answer)

    def _environment(self, path: str, body: bytes) -> dict[str, Any]:
        return {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {self.key}",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }


def body_of(event: Event) -> bytes:
    """Give an event as the body of a call."""
    return orjson.dumps(event_document(event))


@contextmanager
def services_in(folder: Path, *, moment: datetime) -> Iterator[Services]:
    """Open a new SQLite store in a folder, with a clock that stands at *moment*."""
    store = open_store(f"sqlite:///{folder}/milepost.db")
    try:
        yield Services(store=store, clock=Hands(moment), settings=Settings())
    finally:
        store.close()
