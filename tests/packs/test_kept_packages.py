"""Folders of packages that are kept are whole."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.packs.kept_packages import install
from tests.packs.n8n_package import reason_to_skip

pytestmark = pytest.mark.slow


@pytest.fixture
def wanted(tmp_path: Path) -> dict[str, object]:
    """Make a package, and ask for it."""
    if (reason := reason_to_skip()) is not None:
        pytest.skip(reason)
    return asking_for(tmp_path, "milestone")


def asking_for(folder: Path, name: str) -> dict[str, object]:
    """Make a package in a folder, and give what asks for it."""
    package = folder / "packages" / name
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0"}), "utf-8")
    return {"name": "kept", "private": True, "dependencies": {name: f"file:{package}"}}


def test_what_an_interruption_left_is_not_taken_for_whole(tmp_path: Path, wanted: dict[str, object]) -> None:
    """It is installed anew; what is whole is left alone."""
    folder = tmp_path / "kept"
    half = folder / "node_modules" / "milestone" / "half.js"
    half.parent.mkdir(parents=True)
    half.touch()
    modules = install(folder, wanted)
    assert (modules / "milestone" / "package.json").is_file()
    assert not half.exists()
    half.touch()
    install(folder, wanted)
    assert half.exists()


def test_other_packages_are_installed_anew(tmp_path: Path, wanted: dict[str, object]) -> None:
    """A folder is what its package.json says."""
    folder = tmp_path / "kept"
    install(folder, wanted)
    modules = install(folder, asking_for(tmp_path, "signpost"))
    assert ((modules / "signpost").exists(), (modules / "milestone").exists()) == (True, False)


def test_two_at_once_do_not_disturb_each_other(tmp_path: Path, wanted: dict[str, object]) -> None:
    """Two workers of the tests need the same."""
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: install(tmp_path / "kept", wanted), range(2))
    assert first == second
    assert (first / "milestone" / "package.json").is_file()
