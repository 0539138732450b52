"""What people install holds what it needs, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from milepost import __version__
from tests.project.sources import PACKAGE, ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a release would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)  # noqa: S603 - ours
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Give the names of the files in it."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_the_whole_package(names: set[str]) -> None:
    """Templates and styles as well."""
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(PACKAGE.parent).as_posix() for path in files} - names == set()


def test_it_holds_the_recipes(names: set[str]) -> None:
    """So that they can be installed from anywhere."""
    files = {path for path in (ROOT / "recipes").rglob("*") if path.is_file()}
    assert len(files) >= 8
    assert {f"milepost/{path.relative_to(ROOT).as_posix()}" for path in files} - names == set()


def test_it_holds_nothing_else(names: set[str]) -> None:
    """Neither tests nor pages, nor what was lying about."""
    about = f"milepost-{__version__}.dist-info/"
    assert {name for name in names if not name.startswith(("milepost/", about))} == set()
    assert {name for name in names if Path(name).suffix in {".db", ".pyc", ".log"}} == set()


def test_it_brings_the_command(wheel: Path) -> None:
    """Under the name that every page uses."""
    with ZipFile(wheel) as archive:
        entry_points = archive.read(f"milepost-{__version__}.dist-info/entry_points.txt").decode()
    assert "milepost = milepost.__main__:main" in entry_points


def test_the_command_runs_from_the_wheel_alone_and_finds_the_recipes(wheel: Path, tmp_path: Path) -> None:
    """Only the dependencies are borrowed; -S keeps the checkout out of it."""
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.path.append({sysconfig.get_path('purelib')!r}); "
        "from milepost.cli.commands import main; main(prog_name='milepost')"
    )
    for words, said in ((["--version"], f"milepost {__version__}"), (["recipe", "list"], "helpdesk-sla")):
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-S", "-c", program, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert said in done.stdout
