"""What the storage tests share: where a SQLite store is, and open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from milepost.storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from milepost.storage.base import Store

# the contract's assertions explain themselves as those of a test module do
for topic in ("", "_awards", "_belonging", "_events", "_people", "_running", "_transactions"):
    pytest.register_assert_rewrite(f"tests.storage.contract{topic}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a database file that does not exist yet."""
    return tmp_path / "milepost.db"


@pytest.fixture
def opened(path: Path) -> Iterator[list[Store]]:
    """Keep the stores opened in a test, and close them."""
    stores = [open_store(f"sqlite:///{path}")]
    yield stores
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: list[Store]) -> Store:
    """Open an empty store."""
    return opened[0]


@pytest.fixture
def reopen(opened: list[Store], path: Path) -> Callable[[], Store]:
    """Close the store and open it anew."""

    def close_and_open() -> Store:
        opened[-1].close()
        opened.append(open_store(f"sqlite:///{path}"))
        return opened[-1]

    return close_and_open
