"""A real PostgreSQL server of the tests' own: made in a folder of its own, reached over loopback, ended with them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete

from milepost.storage.tables import METADATA
from tests.acceptance.servers import free_port

_NUMBERS = count(1)
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "32MB",
    "log_min_messages": "warning",
}


@dataclass(frozen=True)
class PostgresqlServer:
    """One server with one database; a schema is as good as a database for a store, and quicker made."""

    programs: Path
    folder: Path
    port: int
    account: str | None

    @property
    def url(self) -> str:
        """Give the address of the database."""
        return f"postgresql://milepost@127.0.0.1:{self.port}/milepost"

    def fresh_url(self) -> str:
        """Make an empty schema, and give the address that works in it."""
        name = f"s{next(_NUMBERS)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}?options=-csearch_path%3D{name}"

    def clear(self, url: str) -> None:
        """Take all rows out of the tables of a store: quicker than to make it anew."""
        self.execute("; ".join(str(delete(table)) for table in reversed(METADATA.sorted_tables)), url)

    def make_database(self) -> None:
        """Make the database; from version 15 on words sort in it as people expect, which shows forgotten collations."""
        first = self.url.removesuffix("/milepost") + "/postgres"
        ((version,),) = self.execute("SELECT current_setting('server_version_num')::int / 10000", first)
        sorting = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" if int(str(version)) >= 15 else ""
        self.execute(f"CREATE DATABASE milepost TEMPLATE template0 {sorting}", first)

    def execute(self, statement: str, url: str | None = None) -> list[tuple[object, ...]]:
        """Run one statement, and give what it finds."""
        with psycopg.connect(url or self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "port": self.port}.items())
        self.run("pg_ctl", "-w", "-D", self.data, "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: *immediate* as a power cut does, *fast* in good order."""
        self.run("pg_ctl", "-w", "-D", self.data, "-m", mode, "stop")

    @property
    def data(self) -> str:
        """Give the folder in which the server keeps everything."""
        return str(self.folder / "data")

    def run(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs; it refuses to serve as root."""
        with (self.folder / "printed").open("wb") as printed:
            ended = subprocess.run(  # noqa: S603 - a program of the installed server
                [self.programs / program, *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                check=False,
                timeout=60,
                user=self.account,
                group=self.account and _group(self.account),
                extra_groups=self.account and [],
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
        assert ended.returncode == 0, f"{program}:\n{self.printed()}"

    def printed(self) -> str:
        """Give the end of what the program and the server printed."""
        logs = [self.folder / "printed", self.folder / "log"]
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in logs if log.exists())


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """Run a server beside the block; where none is installed, the test is skipped with that reason."""
    programs = _programs()
    if programs is None:
        pytest.skip(
            "PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql (apt-get install postgresql)"
        )
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    account = _account()
    if account:
        shutil.chown(folder, account, _group(account))
    server = PostgresqlServer(programs, folder, free_port(), account)
    try:
        server.run("initdb", "-D", server.data, "-U", "milepost", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        try:
            server.make_database()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    candidates = [Path(found).resolve().parent] if found else folders
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _account() -> str | None:
    """Give the account to serve as, where we are root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(account: str) -> int:
    return pwd.getpwnam(account).pw_gid
