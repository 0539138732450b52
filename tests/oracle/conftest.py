"""Stores for drawn worlds: one in which each world is undone, and kinds of them in which each is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from milepost.storage import open_store
from milepost.storage.base import Store
from tests.stores import KINDS, Ground, ground_of


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open one store; every example undoes what it does."""
    path: Path = tmp_path_factory.mktemp("oracle") / "store.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        yield store


@pytest.fixture(scope="module", params=KINDS)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Take each kind of store in turn."""
    with ground_of(request.param, tmp_path_factory.mktemp("worlds")) as ground:
        yield ground
