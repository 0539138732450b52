"""A real n8n with our package in it, and the Mileposts that the workflows of our recipes are tried with."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from milepost.cli.commands import main
from milepost.operations.load_recipe import list_recipes
from milepost.schemas.recipes import Recipe
from tests.acceptance.servers import API_KEY, Server, running_server, session
from tests.packs import end_with_tests
from tests.packs.n8n_package import build, install_engine
from tests.packs.n8n_server import N8n, install, running
from tests.postgresql import PostgresqlServer, running_postgresql

RECIPES = {recipe.slug: recipe for recipe in list_recipes()}
#: As our workflows name the credential.
CREDENTIAL, KIND = "Milepost account", "milepostApi"
#: n8n on this machine may be told news; stories are of the past.
SETTINGS = {"MILEPOST_ALLOWED_ADDRESSES": "127.0.0.1", "MILEPOST_LATE_LIMIT_DAYS": "3660"}


@dataclass(frozen=True)
class World:
    """An n8n with the workflows of all recipes, and two Mileposts with the recipes and the people of their stories."""

    n8n: N8n
    #: The one that n8n knows.
    milepost: Server
    #: The one that is told the same without n8n.
    other: Server
    #: The id of n8n's credential for the first.
    credential_id: str
    #: The files that were imported.
    files: tuple[Path, ...]
    #: Ids by name.
    workflows: Mapping[str, str]


@contextmanager
def running_n8n(folder: Path) -> Iterator[N8n]:
    """Build the package, and start n8n with it, all in *folder*."""
    modules = install()
    install_engine()
    tarball = build(folder)
    home = folder / "home"
    home.mkdir()
    with running_postgresql() as postgresql, ending_with_tests(postmaster(postgresql), signal.SIGQUIT):
        n8n = N8n(modules, home, postgresql.url)
        n8n.add_package(tarball)
        with running(n8n):
            yield n8n


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start everything, and import what ``milepost recipe export`` writes."""
    with (
        running_milepost(folder / "milepost.db") as milepost,
        running_milepost(folder / "other.db") as other,
        running_n8n(folder) as n8n,
    ):
        for recipe in RECIPES.values():
            for server in (milepost, other):
                install_with_people(server, recipe)
        # the address is tidied by the node
        data = {"baseUrl": f"{milepost.url}/", "apiKey": API_KEY}
        credential_id = n8n.add_credential(CREDENTIAL, KIND, data)
        files = export_all(folder / "exported", milepost.url)
        n8n.command("import:workflow", "--separate", f"--input={folder / 'exported'}")
        workflows = {one["name"]: one["id"] for one in n8n.ask("GET", "/rest/workflows")}
        yield World(n8n, milepost, other, credential_id, files, workflows)


@contextmanager
def running_milepost(store: Path) -> Iterator[Server]:
    """Run a Milepost, and end it with the block or with the tests."""
    with running_server(store, **SETTINGS) as milepost, ending_with_tests(milepost.pid):
        yield milepost


@contextmanager
def stopped(milepost: Server) -> Iterator[None]:
    """Stop a Milepost for the block."""
    end_with_tests.release(milepost.pid)
    milepost.stop()
    try:
        yield
    finally:
        milepost.start()
        end_with_tests.watch(milepost.pid)


@contextmanager
def ending_with_tests(pid: int, number: signal.Signals = signal.SIGKILL) -> Iterator[None]:
    """End a process when the tests are killed during the block."""
    end_with_tests.watch(pid, number)
    try:
        yield
    finally:
        end_with_tests.release(pid)


def postmaster(postgresql: PostgresqlServer) -> int:
    """Give the number of the process that is the server."""
    return int((Path(postgresql.data) / "postmaster.pid").read_text("utf-8").splitlines()[0])


def export_all(folder: Path, url: str) -> tuple[Path, ...]:
    """Let ``milepost recipe export`` write the workflows of all recipes; give their files."""
    for slug in RECIPES:
        words = ["recipe", "export", slug, "--for", "n8n", "--url", url, "--to", str(folder)]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
    return tuple(sorted(folder.glob("*.json")))


def install_with_people(milepost: Server, recipe: Recipe) -> None:
    """Install a recipe, and make the people of its story known."""
    call(milepost, "POST", f"/v1/recipes/{recipe.slug}/install", {"state": "live"})
    for kind, name in (("calendars", "key"), ("teams", "id"), ("actors", "id")):
        for person in recipe.people.get(kind, ()):
            document = {key: value for key, value in person.items() if key != name}
            call(milepost, "PUT", f"/v1/{kind}/{person[name]}", document)


def call(milepost: Server, method: str, path: str, document: Any = None) -> Any:
    """Call Milepost without n8n; it must succeed."""
    answer = session().request(method, milepost.url + path, json=document, timeout=30)
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
