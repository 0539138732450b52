"""Who may import whom, and who may look at the clock."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.sources import PACKAGE, ROOT, Module, modules

#: Modules that must not be, each with what is wrong with it.
FAULTS = {
    "utils.py": "",
    "storage/upwards.py": "import milepost.operations",
    "engine/remembering.py": "import os",
    "operations/adding_up.py": "import sqlite3",
    "operations/shaping.py": "import marshmallow",
    "cli/answering.py": "import flask",
    "operations/calling.py": "import requests",
}
#: A call of one of these reads a clock; waiting with ``time.sleep`` does not.
CLOCKS = re.compile(
    r"\.(now|today|utcnow)$|\btime\.time$|(^|\.)(localtime|gmtime|time_ns|monotonic|perf_counter|process_time)(_ns)?$"
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of ``pyproject.toml`` for the package in *folder*."""
    path = f"import sys; sys.path.insert(0, {str(folder)!r})"
    program = f"{path}; from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - ours


def test_every_import_keeps_the_contracts() -> None:
    """The contracts stand in ``pyproject.toml``, the picture of them in the architecture page."""
    linted = lint_imports(PACKAGE.parent)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " 0 broken" in linted.stdout


@pytest.mark.slow
def test_each_contract_can_be_broken(tmp_path: Path) -> None:
    """One fault against each is found, and nothing else is."""
    shutil.copytree(PACKAGE, tmp_path / "milepost", ignore=shutil.ignore_patterns("__pycache__"))
    for name, line in FAULTS.items():
        (tmp_path / "milepost" / name).write_text(line, "utf-8")
    found = lint_imports(tmp_path).stdout
    modules_named = {name for name in FAULTS if f"milepost.{name.removesuffix('.py').replace('/', '.')}" in found}
    assert modules_named == set(FAULTS)
    assert " 0 kept" in found


def clock_readers(module: Module) -> list[str]:
    """Give the places of a module in which a clock is read."""
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    return [
        f"{module.name}:{call.lineno} calls {ast.unparse(call.func)}"
        for call in calls
        if CLOCKS.search(ast.unparse(call.func))
    ]


def test_only_clock_py_reads_the_clock() -> None:
    """Everybody else is given the moment, so that any moment can be tried."""
    readers = [place for module in modules() if module.name != "clock.py" for place in clock_readers(module)]
    assert readers == []


@pytest.mark.parametrize(
    ("line", "reads"),
    [
        ("datetime.now(UTC)", True),
        ("datetime.date.today()", True),
        ("dt.datetime.utcnow()", True),
        ("time.time()", True),
        ("monotonic()", True),
        ("time.sleep(1)", False),
        ("time(9, 0)", False),
        ("time.fromisoformat(text)", False),
        ("services.clock()", False),
    ],
)
def test_reading_a_clock_is_noticed(line: str, reads: bool) -> None:  # noqa: FBT001 - given by pytest
    """The test above can fail, and only for a reason."""
    assert bool(clock_readers(Module(PACKAGE / "engine" / "example.py", line, ast.parse(line)))) is reads
