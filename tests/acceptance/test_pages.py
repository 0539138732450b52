"""What the pages tell people to type works, and prints what they say."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import Desk, Running
from tests.acceptance.servers import free_port
from tests.stores import KINDS, ground_of

#: Blocks of other kinds need something that is not here, such as an n8n.
_BLOCK = re.compile(r"^ *```(sh|text|json)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
#: The day and time of a step; the demo moves with the calendar.
_MOMENT = re.compile(r"\w{3} \d{1,2} \w{3} (?=\d\d:\d\d)")


@dataclass(frozen=True)
class Typed:
    """What a page tells to type, and what it says comes of it."""

    lines: str
    #: ``text`` or ``json``; None where the page says nothing.
    kind: str | None
    answer: str


def typed_on(page: Path) -> Iterator[Typed]:
    """Give the shell blocks of a page, each with the block of output between it and the next."""
    blocks = [(kind, content) for kind, content in _BLOCK.findall(page.read_text(encoding="utf-8"))]
    for (kind, lines), (next_kind, answer) in zip(blocks, [*blocks[1:], ("sh", "")], strict=True):
        if kind == "sh":
            yield Typed(lines, *((None, "") if next_kind == "sh" else (next_kind, answer)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "kind"), [("README.md", "sqlite"), *(("docs/tutorial/first-achievement.md", kind) for kind in KINDS)]
)
def test_a_page_can_be_followed(page: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Every block in order, beside a server that was just started; what keeps it makes no difference."""
    with ground_of(kind, tmp_path) as ground:
        desk = Desk(tmp_path, None if kind == "sqlite" else ground.fresh_url())
        with desk.running("serve", "--port", str(free_port())) as server:
            for typed in typed_on(request.config.rootpath / page):
                printed = printed_by(typed, desk, server)
                assert missing_from(printed, typed) == [], f"{typed.lines}\nprinted:\n{printed}"


def printed_by(typed: Typed, desk: Desk, server: Running) -> str:
    """Run a block as it stands there, but for the address and the key."""
    if typed.lines.strip() == "make serve":
        return server.printed
    lines = re.sub(r"^make demo$", "milepost demo --exit", typed.lines, flags=re.MULTILINE)
    lines = lines.replace("http://127.0.0.1:8400", server.url).replace('PATH="$PWD/.venv/bin:$PATH" ', "")
    lines = lines.replace("mp_…", server.key)
    settings = {"MILEPOST_KEY": server.key, "MILEPOST_URL": ""}
    if "--store" not in lines:
        settings["MILEPOST_URL"] = server.url
    done = subprocess.run(  # noqa: S603 - what our own pages say
        ["/bin/bash", "-euc", lines],
        cwd=desk.folder,
        env=desk.environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}{done.stderr}"
    return done.stdout.replace(server.url, "http://127.0.0.1:8400")


def missing_from(printed: str, typed: Typed) -> list[str]:
    """Give what a page says that was not printed; of the demo's moments only that there are some."""
    if typed.kind == "json":
        return differences(json.loads(typed.answer), json.loads(printed))
    printed = re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8400", printed)
    there = {_MOMENT.sub("", line) for line in re.sub(r"mp_\w{36}", "mp_…", printed).splitlines()}
    return [line for line in typed.answer.splitlines() if line.strip() and _MOMENT.sub("", line) not in there]


def differences(said: Any, found: Any, place: str = "") -> list[str]:
    """Give the places where a shortened answer says something else than the whole one."""
    if isinstance(said, dict):
        return [
            one
            for name, value in said.items()
            for one in differences(value, found.get(name, "nothing"), f"{place}/{name}")
        ]
    if isinstance(said, list):
        pairs = zip(said, found, strict=False)
        short = [] if len(found) >= len(said) else [f"{place}: only {len(found)}"]
        return short + [one for n, (a, b) in enumerate(pairs) for one in differences(a, b, f"{place}/{n}")]
    return [] if said == found else [f"{place}: {said!r} is {found!r}"]


def test_what_a_page_shortens_must_still_be_true() -> None:
    """The comparison itself can fail."""
    found = {"a": 1, "b": [{"c": 2, "d": 3}, {}]}
    assert differences({"b": [{"c": 2}]}, found) == []
    assert differences({"a": 2, "b": [{"c": 3}], "e": 1}, found) != []
    assert missing_from("one\ntwo\n", Typed("", "text", "one\nthree\n")) == ["three"]
