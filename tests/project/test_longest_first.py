"""The files that go first are there: one that was renamed would be run last without a word."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import LONGEST


def test_every_file_that_goes_first_is_there_once() -> None:
    """Whoever renames or parts one of them names the new ones."""
    assert [name for name in LONGEST if not (Path(__file__).parents[1] / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)
