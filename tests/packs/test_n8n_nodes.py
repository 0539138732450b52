"""The n8n package, packed as it is published: in n8n's own engine, against a real server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.acceptance.servers import API_KEY, Server, running_server, session
from tests.packs.n8n_package import SOURCES, TESTS, build, install_engine, reason_to_skip, run_tool

pytestmark = pytest.mark.slow

#: What source systems send, and the workflows that tell of it.
PAYLOADS = Path(__file__).parents[1] / "recipes" / "payloads"
RECIPES = SOURCES.parent / "recipes"
#: What the server answers and sends.
EXAMPLES = Path(str(files("milepost") / "schemas" / "examples"))
#: The tests take half a minute where nothing else runs.
SECONDS = 300
#: n8n's two themes.
BACKGROUNDS = {"milepost.svg": "#ffffff", "milepost.dark.svg": "#2b2b2b"}
#: What n8n asks of an icon against the page; ours is to be seen at a glance.
LEAST_CONTRAST = 3.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder in which the package is built, packed and unpacked."""
    if (reason := reason_to_skip()) is not None:
        pytest.skip(reason)
    install_engine()
    place = tmp_path_factory.mktemp("n8n")
    run_tool("tar", "-xzf", str(build(place)), "-C", str(place))
    return place


@pytest.fixture(scope="module")
def milepost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server that may deliver to this machine."""
    store = tmp_path_factory.mktemp("milepost") / "milepost.db"
    with running_server(store, MILEPOST_ALLOWED_ADDRESSES="127.0.0.1") as server:
        yield server


def test_n8n_finds_nothing_to_correct(folder: Path) -> None:
    """Its verification lints sources and tarball; here warnings count as well."""
    printed = run_tool("node", "scan.mjs", str(folder / "sources"), str(folder / "package"), cwd=TESTS)
    assert [int(count) > 0 for count in re.findall(r"^(\d+) files", printed, re.MULTILINE)] == [True, True]


def test_the_package_does_what_it_says(folder: Path, milepost: Server) -> None:
    """Its own tests run in n8n's engine, against the server."""
    key = session().post(f"{milepost.url}/v1/keys", json={"name": "reader", "scopes": ["read"]}).json()
    printed = run_tool(
        "node",
        "--test",
        "all.cjs",
        cwd=TESTS,
        seconds=SECONDS,
        PACKAGE=str(folder / "package"),
        MILEPOST_URL=milepost.url,
        MILEPOST_KEY=API_KEY,
        MILEPOST_READ_KEY=key["secret"],
        PAYLOADS=str(PAYLOADS),
        EXAMPLES=str(EXAMPLES),
        RECIPES=str(RECIPES),
        # else the engine keeps a file in the home of whoever runs the tests
        N8N_USER_FOLDER=str(folder),
        N8N_ENCRYPTION_KEY="for tests alone",
    )
    passed = re.search(r"^# pass (\d+)$", printed, re.MULTILINE)
    assert passed is not None, printed
    files = len(list(TESTS.glob("*.test.cjs")))
    assert int(passed[1]) > files, "one line for each test, not for each file"


def test_the_tarball_holds_what_is_needed_and_nothing_else(folder: Path) -> None:
    """No sources, no tests, no modules; a licence, a page, a change log."""
    found = {path.relative_to(folder / "package") for path in (folder / "package").rglob("*") if path.is_file()}
    roots = {path.parts[0] for path in found}
    assert roots == {"dist", "examples", "package.json", "README.md", "CHANGELOG.md", "LICENSE"}
    assert {path.suffix for path in found if path.parts[0] == "dist"} == {".js", ".ts", ".map", ".svg", ".json"}
    manifest = json.loads((folder / "package" / "package.json").read_text("utf-8"))
    for path in [*manifest["n8n"]["nodes"], *manifest["n8n"]["credentials"]]:
        assert Path(path) in found
    assert "dependencies" not in manifest


def test_the_licence_is_that_of_the_project() -> None:
    """A package that is published alone carries it along."""
    assert (SOURCES / "LICENSE").read_bytes() == (SOURCES.parent / "LICENSE").read_bytes()


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_icons_stand_out_from_their_theme(name: str) -> None:
    """One for light pages, one for dark ones."""
    fills = re.findall(r'fill="(#\w+)"', (SOURCES / "icons" / name).read_text("utf-8"))
    sign, *_, drawing = fills
    assert contrast(sign, BACKGROUNDS[name]) >= LEAST_CONTRAST
    assert contrast(drawing, sign) >= LEAST_CONTRAST


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours as WCAG counts it, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Give how bright a colour looks, from 0 to 1."""
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    shares = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
