"""A real n8n: installed once and kept, started on a database of its own, spoken to like its editor."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.acceptance.servers import free_port
from tests.packs import end_with_tests, kept_packages
from tests.packs.n8n_package import run_tool

#: The newest that npm has whole; another may be tried: ``make acceptance-n8n N8N=2.8.4``.
NEWEST = "2.41.1"
N8N = os.environ.get("N8N") or NEWEST
#: The Node that n8n runs on comes from npm as well, beside it.
NODE_MAJOR = "24"
#: The newest of these packages ask for others that npm does not have, or that an older n8n does not have.
OVERRIDES = {
    "linkedom": "0.18.12",
    "xlsx": "0.18.5",
    "langchain@1.2.3>@langchain/langgraph-checkpoint": "1.0.0",
    "@langchain/langgraph@1.0.2>@langchain/langgraph-checkpoint": "1.0.0",
}
START_SECONDS = 240.0
COMMAND_SECONDS = 240.0
RUN_SECONDS = 90.0
STOP_SECONDS = 20.0
#: How a run stands that is over.
_OVER = {"success", "error", "crashed", "canceled"}
OWNER = {"email": "owner@example.com", "firstName": "Ana", "lastName": "Diaz", "password": "Acceptance1"}


def install() -> Path:
    """Install n8n and its Node, unless they are there; takes a minute and a half, and two gigabytes."""
    node = node_package()
    wanted = {
        "name": "kept-n8n",
        "private": True,
        "dependencies": {"n8n": N8N, node: NODE_MAJOR},
        "pnpm": {"overrides": OVERRIDES},
    }
    return kept_packages.install(kept_packages.kept(f"n8n-{N8N}"), wanted)


def node_package() -> str:
    """Give the package of npm that is Node for this machine."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"node-{platform.system().lower()}-{machine}"


@dataclass
class N8n:
    """One n8n with a home and a database of its own."""

    #: The folder of modules it is in.
    modules: Path
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

    @property
    def log(self) -> Path:
        """Give the file with what it printed."""
        return self.home / "log"

    def add_package(self, tarball: Path) -> None:
        """Put a package where n8n's own installer puts it."""
        nodes = self.home / ".n8n" / "nodes"
        nodes.mkdir(parents=True)
        # without the prefix npm would install into the next folder above that looks like a project
        words = ("install", "--prefix", ".", "--ignore-scripts", "--omit=dev", "--omit=peer", "--legacy-peer-deps")
        run_tool("npm", *words, str(tarball), cwd=nodes)
        assert list(nodes.glob("node_modules/*/package.json")), f"the package is not in {nodes}"

    def command(self, *words: str) -> str:
        """Run a command of n8n; give what it printed."""
        ended = subprocess.run(  # noqa: S603 - our own words
            self._words(*words),
            # a command brings a broker of its own
            env={**self._environment(), "N8N_RUNNERS_BROKER_PORT": str(free_port())},
            check=False,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        assert ended.returncode == 0, f"n8n {' '.join(words)}:\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
        return ended.stdout

    def start(self) -> None:
        """Start n8n, wait until it is ready, and sign in as its owner."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own words
                self._words("start"), env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        end_with_tests.watch(self.process.pid)
        # older versions say that they are ready, and open their doors a moment later
        for path in ("/healthz/readiness", "/rest/settings"):
            wait_until(lambda path=path: self._answers(path), f"n8n answers {path}", START_SECONDS)  # type: ignore[misc]
        self.ask("POST", "/rest/owner/setup", OWNER)

    def ask(self, method: str, path: str, document: Any = None, **query: str) -> Any:
        """Call what the editor calls; give its data."""
        answer = self.session.request(method, self.url + path, json=document, params=query, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json().get("data")

    def add_credential(self, name: str, kind: str, data: Mapping[str, Any]) -> str:
        """Save a credential, as people do in the editor; give its id."""
        made: dict[str, str] = self.ask("POST", "/rest/credentials", {"name": name, "type": kind, "data": dict(data)})
        return made["id"]

    def add_workflow(self, workflow: Mapping[str, Any]) -> str:
        """Save a workflow, as people do in the editor; give its id."""
        made: dict[str, str] = self.ask("POST", "/rest/workflows", dict(workflow))
        return made["id"]

    def switch(self, verb: str, workflow_id: str) -> None:
        """Activate or deactivate a workflow; newer versions do it in the background."""
        version = self.ask("GET", f"/rest/workflows/{workflow_id}")["versionId"]
        self.ask("POST", f"/rest/workflows/{workflow_id}/{verb}", {"versionId": version})

    def publish(self, workflow_id: str, *paths: str) -> None:
        """Activate a workflow, and wait until its webhooks are there."""
        self.switch("activate", workflow_id)
        for path in paths:
            wait_until(lambda path=path: self.listens(path), f"there is a webhook {path}")  # type: ignore[misc]

    def listens(self, path: str) -> bool:
        """Say whether there is a webhook that takes a POST; asked without sending it one."""
        answer = requests.get(f"{self.url}/webhook/{path}", timeout=30)
        return "POST" in answer.text

    def executions(self, workflow_id: str) -> list[dict[str, Any]]:
        """Give the runs of a workflow, the newest first."""
        chosen = json.dumps({"workflowId": workflow_id})
        found: list[dict[str, Any]] = self.ask("GET", "/rest/executions", filter=chosen, limit="100")["results"]
        return found

    def ended(self, workflow_id: str, count: int, seconds: float = RUN_SECONDS) -> list[dict[str, Any]]:
        """Wait until a workflow has run so often and no run is under way; give its runs, the newest first."""

        def are_over() -> bool:
            runs = self.executions(workflow_id)
            return len(runs) >= count and all(run["status"] in _OVER for run in runs)

        wait_until(are_over, f"{count} runs are over", seconds)
        return self.executions(workflow_id)

    def failure(self, execution_id: str) -> str:
        """Give at which node a run failed, and the words."""
        # n8n keeps the run as a list in which a text stands for the place of another value
        values = json.loads(self.ask("GET", f"/rest/executions/{execution_id}")["data"])

        def find(*keys: str) -> Any:
            place = values[0]
            for key in keys:
                if not isinstance(place, dict) or key not in place:
                    return None
                place = values[int(place[key])] if isinstance(place[key], str) else place[key]
            return place

        words = [find("resultData", "error", key) for key in ("message", "description")]
        return f"{find('resultData', 'lastNodeExecuted')}: {' '.join(str(word) for word in words if word)}"

    def stop(self) -> None:
        """End n8n and what it started."""
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        end_with_tests.release(self.process.pid)
        self.process = None

    def printed(self, since: int = 0) -> str:
        """Give the end of what n8n printed, from a place in its log on."""
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[since:][-12_000:].decode("utf-8", errors="replace")

    def _answers(self, path: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"n8n ended:\n{self.printed()}"
        with suppress(requests.RequestException):
            return requests.get(self.url + path, timeout=5).ok
        return False

    def _words(self, *words: str) -> list[str]:
        return [str(self.modules / node_package() / "bin" / "node"), str(self.modules / "n8n" / "bin" / "n8n"), *words]

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
            # its name in older versions
            "WEBHOOK_URL": f"{self.url}/",
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
        time.sleep(0.1)
