"""Each kind of store, with a place of its own in which the tests make empty ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from milepost.storage import open_store
from milepost.storage.base import Store
from tests.postgresql import PostgresqlServer, running_postgresql

KINDS = ("sqlite", "postgresql", "tinydb")
_ENDINGS = {"sqlite": "db", "tinydb": "json"}


class Ground(Protocol):
    """Where stores of one kind are made."""

    def fresh_url(self) -> str:
        """Name a store that nobody has used."""

    def empty_store(self) -> Store:
        """Open a store with nothing in it; the one before must be closed."""


@dataclass(frozen=True)
class FileGround:
    """Each store is a file."""

    kind: str
    folder: Path
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def fresh_url(self) -> str:
        """Name a file that is not there."""
        return f"{self.kind}:///{self.folder}/{next(self._numbers)}.{_ENDINGS[self.kind]}"

    def empty_store(self) -> Store:
        """Make a file."""
        return open_store(self.fresh_url())


@dataclass(frozen=True)
class PostgresqlGround:
    """Each store is a schema; one is emptied again and again, which is quicker."""

    server: PostgresqlServer
    url: str

    def fresh_url(self) -> str:
        """Make a schema."""
        return self.server.fresh_url()

    def empty_store(self) -> Store:
        """Take out what the store before has left."""
        self.server.clear(self.url)
        return open_store(self.url)


@contextmanager
def ground_of(kind: str, folder: Path) -> Iterator[Ground]:
    """Prepare a kind of store; the test is skipped with the reason where PostgreSQL is not installed."""
    if kind != "postgresql":
        yield FileGround(kind, folder)
        return
    with running_postgresql() as server:
        url = server.fresh_url()
        with closing(open_store(url)):  # makes the tables
            pass
        yield PostgresqlGround(server, url)
