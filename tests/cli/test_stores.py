"""Where the data lives, as it is told to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from milepost.cli.stores import store_place
from milepost.settings import Settings


@pytest.mark.parametrize(
    ("store", "place"),
    [
        ("sqlite:////var/lib/milepost.db", "/var/lib/milepost.db"),
        ("tinydb:////var/lib/pilot.json", "/var/lib/pilot.json"),
        ("postgresql://ann:s3cret@db.example.com:5433/milepost", "postgresql://ann@db.example.com:5433/milepost"),
        ("postgresql://ann:s3:c@ret@db/milepost?password=s3cret", "postgresql://ann@db/milepost"),
        ("postgresql://db.example.com/milepost", "postgresql://db.example.com/milepost"),
        ("postgresql:///milepost?host=db&password=s3cret", "postgresql:///milepost"),
    ],
)
def test_a_place_is_shown_without_its_password(store: str, place: str) -> None:
    """It stands in a terminal, and in what people paste when they ask for help."""
    assert store_place(Settings(store=store)) == place


def test_a_file_is_shown_by_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to know in which folder the command was started."""
    monkeypatch.chdir(tmp_path)
    assert store_place(Settings(store="sqlite:///milepost.db")) == str(tmp_path / "milepost.db")
