"""The Zapier app, tested by its own tests beside the real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "zapier_app"
EXAMPLES = Path(str(files("milepost") / "schemas" / "examples"))
#: The server is started, and everything is done once; most of it is waiting on a machine that is busy.
TEST_SECONDS = 180
INSTALL_SECONDS = 180


@pytest.mark.parametrize("sample", sorted((APP / "samples").iterdir()), ids=lambda path: path.stem)
def test_a_sample_is_the_example_byte_for_byte(sample: Path) -> None:
    """What is sent to Zapier holds copies, since it cannot reach outside of its folder."""
    assert sample.read_bytes() == (EXAMPLES / sample.name).read_bytes(), f"cp {EXAMPLES / sample.name} {sample}"


def test_every_piece_of_news_with_a_trigger_has_a_sample() -> None:
    """The test above looks at something."""
    kinds = set(re.findall(r"kind: '([a-z_.]+)'", (APP / "triggers" / "index.js").read_text("utf-8")))
    assert len(kinds) == 6
    assert kinds <= {path.stem for path in (APP / "samples").iterdir()}


def test_the_platform_is_pinned() -> None:
    """An app that is built tomorrow is what was tested today."""
    locked = json.loads((APP / "package-lock.json").read_text("utf-8"))["packages"]
    assert pinned() == locked["node_modules/zapier-platform-core"]["version"]


def is_installed() -> bool:
    """Say whether what the app is built on is in the project, in the version that is pinned."""
    found = APP / "node_modules" / "zapier-platform-core" / "package.json"
    return found.exists() and json.loads(found.read_text("utf-8"))["version"] == pinned()


def pinned() -> str:
    """Give the version of the platform that the app asks for."""
    wanted: dict[str, str] = json.loads((APP / "package.json").read_text("utf-8"))["dependencies"]
    assert list(wanted) == ["zapier-platform-core"], "nothing else is needed at Zapier"
    return wanted["zapier-platform-core"]


@pytest.fixture(scope="module")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the app and what it is built on; the one in the project where that is installed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no node and npm here: apt-get install nodejs npm")
    if is_installed():
        return APP
    folder = tmp_path_factory.mktemp("zapier") / "app"
    shutil.copytree(APP, folder, ignore=shutil.ignore_patterns("node_modules", "build"))
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS)  # noqa: S603 - our own words
    return folder


def run_tests(folder: Path) -> tuple[int, str]:
    """Run the app's own tests; give the exit code and what they printed. The server they start ends with them."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
    process = subprocess.Popen(  # noqa: S603 - our own words
        [str(shutil.which("node")), "--test", "--test-reporter=tap", "test/everything.test.js"],
        cwd=folder,
        env={**plain, "NODE_ENV": "test", "MILEPOST_PYTHON": sys.executable, "MILEPOST_CHECKOUT": str(APP.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=TEST_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, printed


@pytest.mark.slow
def test_the_app_keeps_what_it_promises_beside_the_real_server(app_folder: Path) -> None:
    """Every trigger, action and search, and every way to fail."""
    code, printed = run_tests(app_folder)
    counted = {name: int(number) for name, number in re.findall(r"^# (\w+) (\d+)$", printed, re.MULTILINE)}
    told = "\n".join(
        line for line in printed.splitlines() if not re.match(r" *(ok|  ---|  duration_ms|  \.\.\.)", line)
    )
    assert code == 0, told[-8000:]
    assert (counted["fail"], counted["skipped"], counted["todo"]) == (0, 0, 0), told[-8000:]
    assert counted["pass"] > 100
