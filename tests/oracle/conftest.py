"""A store that every drawn world has to itself, because each one is undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milepost.storage import open_store
from milepost.storage.base import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open one store; every example undoes what it does."""
    path: Path = tmp_path_factory.mktemp("oracle") / "store.db"
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()
