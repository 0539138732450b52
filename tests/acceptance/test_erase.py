"""A person is erased from a running server: nothing of them is left in any byte of any file it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.clock import read_clock
from tests.acceptance.commands import Desk
from tests.acceptance.servers import API_KEY, Server, free_port, session
from tests.postgresql import PostgresqlServer, running_postgresql

pytestmark = pytest.mark.slow

QUINN = "quinn.zebulon@example.com"
#: Each must be found before, so that finding it nowhere afterwards means something.
NAMES = (QUINN, "Quinn Zebulon", "Zebulon, Quinn", "U07QZEB88", "quinn.zebulon", "Zebulon")
SATURDAY = 5
SOLVED = {"type": "ticket.solved"}
RULES: dict[str, dict[str, Any]] = {
    "own": {"criterion": {"kind": "count", "target": 2, "window": "day", "of": SOLVED}, "points": 3},
    "streak": {
        "criterion": {"kind": "streak", "each": {"kind": "count", "target": 1, "of": SOLVED}, "target": 3},
        "message": "{{ actor.name }} keeps at it.",
    },
    "together": {"criterion": {"kind": "count", "target": 6, "window": "week", "of": SOLVED}, "scope": "team"},
    "fastest": {
        "criterion": {
            "kind": "best",
            "direction": "lowest",
            "among": "team",
            "minimum_participants": 3,
            "window": "day",
            "measure": {"of": SOLVED, "aggregate": "average", "property": "minutes"},
        },
        "award_at": "close",
    },
}


@dataclass(frozen=True)
class Place:
    """A store, and how to read all of it by other means than Milepost."""

    url: str
    read: Callable[[], bytes]
    #: Do what a database does by itself when it has time: note samples of what is in the tables.
    sample: Callable[[], object] = lambda: None


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlServer]:
    """Run a server of the module's own."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "tinydb", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Name an empty store of each kind."""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.fresh_url()
        return Place(url, lambda: _dump(server, url), lambda: server.execute("ANALYZE", url))
    suffix = {"sqlite": "db", "tinydb": "json"}[request.param]
    return Place(f"{request.param}:///{tmp_path / f'milepost.{suffix}'}", lambda: b"")


def _dump(server: PostgresqlServer, url: str) -> bytes:
    """Give every row of every table as text."""
    tables = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()", url)
    rows = [row for (table,) in tables for row in server.execute(f'SELECT t::text FROM "{table}" t', url)]  # noqa: S608 - its own tables
    rows += server.execute("SELECT s::text FROM pg_stats s WHERE schemaname = current_schema()", url)
    assert rows
    return "\n".join(str(text) for (text,) in rows).encode()


def everything(place: Place, folder: Path) -> str:
    """Give every byte in the folder of the server, logs and backups included, and all that a database has."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    raw = b"\n".join([path.read_bytes() for path in files] + [place.read()])
    return raw.decode("utf-8", errors="replace").casefold()


def working_days() -> list[str]:
    """Give the last three before today; whatever comes later in a week, one week has two of them."""
    days = [read_clock().date() - timedelta(days=ago) for ago in range(1, 8)]
    return sorted(day.isoformat() for day in days if day.weekday() < SATURDAY)[-3:]


def fill(call: Callable[..., Any]) -> None:
    """Have four people work for some days, one of them in everybody's records."""
    call("PUT", "/v1/teams/support", {"name": "Support"})
    for name in ("bob", "cleo", "dan"):
        call("PUT", f"/v1/actors/{name}@example.com", {"team": "support", "manager": QUINN})
    person = {"name": "Quinn Zebulon", "team": "support", "aliases": {"slack": "U07QZEB88", "crm": "Zebulon, Quinn"}}
    call("PUT", f"/v1/actors/{QUINN}", person)
    for key, rule in RULES.items():
        named = {"key": key, "name": key.title(), "purpose": "Keep promises", "category": "quality", "state": "live"}
        call("POST", "/v1/achievements", {**named, **rule})
    events = [
        {
            "id": f"zd-{day}-{who}-{number}",
            "type": "ticket.solved",
            "actor": who,
            "subject": f"t-{day}-{who}-{number}",
            "occurred_at": f"{day}T10:0{number}:00Z",
            "properties": {"minutes": place + number, "cc": [QUINN.upper()], "note": "thanks, QUINN ZEBULON!"},
        }
        for day in working_days()
        for place, who in enumerate((QUINN, "bob@example.com", "cleo@example.com", "dan@example.com"))
        for number in (1, 2)
    ]
    call("POST", "/v1/evaluate/batch", {"events": events})
    call("POST", "/v1/evaluate", {**events[0], "properties": {"minutes": 2}})
    given = {"id": "thanks", "achievement": "own", "actor": QUINN, "note": "Zebulon earned it"}
    call("POST", "/v1/awards", given, {"Idempotency-Key": f"for {QUINN}"})


def standing(call: Callable[..., Any]) -> Any:
    """Give what the others and the team have, and how far they are."""
    people = ["/v1/teams/support", *(f"/v1/actors/{name}@example.com" for name in ("bob", "cleo", "dan"))]
    awards = call("GET", "/v1/awards?limit=200")["items"]
    others = [award for award in awards if award["team"] or award["actor"].split("@")[0] in ("bob", "cleo", "dan")]
    shown = ("achievement", "actor", "team", "points", "status", "tier", "earned_at")
    return [
        *(call("GET", f"{path}/progress") for path in people),
        *sorted(str([award[name] for name in shown]) for award in others),
    ]


def test_an_erased_person_is_in_no_byte_and_all_else_stands(place: Place, tmp_path: Path) -> None:
    """In the store, its log, the log of the program and a new backup; `milepost verify` finds all as it should be."""
    desk = Desk(tmp_path)
    server = Server(place.url, tmp_path / "server.log", free_port())
    server.start()
    try:
        client = session()

        def call(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
            answer = client.request(method, server.url + path, json=body, headers=headers, timeout=30)
            assert answer.ok, answer.text
            return answer.json()

        fill(call)
        place.sample()
        before, text = standing(call), everything(place, tmp_path)
        assert [name for name in NAMES if name.casefold() not in text] == []
        assert any("together" in str(line) and "granted" in str(line) for line in before)
        settings = {"MILEPOST_URL": server.url, "MILEPOST_KEY": API_KEY}
        erased = desk.run("person", "erase", QUINN.title(), "--confirm", QUINN, **settings)
        assert erased.returncode == 0, erased.stderr
        assert standing(call) == before
        if not place.url.startswith("postgresql"):
            assert desk.run("backup", **settings).returncode == 0
            assert list(tmp_path.rglob("*.backups/*"))
        found = [name for name in NAMES if name.casefold() in everything(place, tmp_path)]
        assert found == []
    finally:
        server.stop()
    verified = desk.run("verify", MILEPOST_STORE=place.url)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert [name for name in NAMES if name.casefold() in everything(place, tmp_path)] == []


def test_the_commands_work_on_the_store_itself(tmp_path: Path) -> None:
    """Export, what would grow old, and an erasure that asks for the id once more."""
    desk, store = Desk(tmp_path), {"MILEPOST_STORE": f"sqlite:///{tmp_path / 'milepost.db'}"}
    with desk.running("serve", "--port", str(free_port()), **store) as running:
        running.call("PUT", f"/v1/actors/{QUINN}", json={"name": "Quinn Zebulon"})
        running.call("POST", "/v1/evaluate", json={"id": "zd-1", "actor": QUINN, **SOLVED})
    exported = desk.run("person", "export", QUINN, **store)
    document = json.loads(exported.stdout)
    assert (document["person"]["name"], document["events"][0]["id"]) == ("Quinn Zebulon", "zd-1")
    old = desk.run("person", "retention", "--dry-run", **store, MILEPOST_RETENTION_DAYS="30")
    assert "would go" in old.stdout
    assert "0 people" in old.stdout
    other = desk.run("person", "erase", QUINN, told="bob@example.com\n", **store)
    assert (other.returncode, "nothing was done" in other.stderr) == (2, True)
    erased = desk.run("person", "erase", QUINN, told=f"{QUINN}\n", **store)
    assert erased.returncode == 0, erased.stderr
    assert "none does any more" in erased.stdout
    unknown = desk.run("person", "export", QUINN, **store)
    assert (unknown.returncode, "There is no actor" in unknown.stderr) == (1, True)
