"""What the storage tests share: where a SQLite store is, and open ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from milepost.storage import open_store
from tests.postgresql import PostgresqlServer, running_postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from milepost.storage.base import Store

# the contract's assertions explain themselves as those of a test module do
for topic in (
    "",
    "_attending",
    "_awards",
    "_belonging",
    "_contention",
    "_copying",
    "_delivering",
    "_erasing",
    "_events",
    "_people",
    "_running",
    "_telling",
    "_transactions",
):
    pytest.register_assert_rewrite(f"tests.storage.contract{topic}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a database file that does not exist yet."""
    return tmp_path / "milepost.db"


@pytest.fixture
def url(path: Path) -> str:
    """Name the store; the tests of another kind of store name theirs."""
    return f"sqlite:///{path}"


@pytest.fixture
def opened(url: str) -> Iterator[list[Store]]:
    """Keep the stores opened in a test, and close them."""
    stores = [open_store(url)]
    yield stores
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: list[Store]) -> Store:
    """Open an empty store."""
    return opened[0]


@pytest.fixture
def reopen(opened: list[Store], url: str) -> Callable[[], Store]:
    """Close the store and open it anew."""

    def close_and_open() -> Store:
        opened[-1].close()
        opened.append(open_store(url))
        return opened[-1]

    return close_and_open


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """Run a server for this module."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def tables(server: PostgresqlServer) -> str:
    """Make the tables once: making them takes longer than most tests."""
    url = server.fresh_url()
    open_store(url).close()
    return url
