"""What people do to files, and disks to people: the real command says what to do, and makes nothing worse."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import requests

from milepost.clock import read_clock
from milepost.operations.install_recipe import install_recipe
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.errors import StoreError
from tests.acceptance.commands import Desk
from tests.acceptance.servers import Server, free_port, session

pytestmark = pytest.mark.slow

SEED = os.environ.get("MILEPOST_SEED") or str(random.SystemRandom().randrange(10**6))
FLIPS = 100
KINDS = ["sqlite", "tinydb"]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """Name a store of each kind that is one file, in the folder of the desk."""
    return f"{request.param}:///milepost.db"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Make the file of each kind once: some rules, no backup."""
    contents = {}
    for kind in KINDS:
        file = tmp_path_factory.mktemp(kind) / "milepost.db"
        with closing(open_store(f"{kind}:///{file}")) as store:
            for recipe in ("helpdesk-sla", "crm-hygiene"):
                install_recipe(Services(store, read_clock, Settings()), recipe, author="Ops")
        contents[kind] = file.read_bytes()
    return contents


@pytest.fixture
def desk(tmp_path: Path, url: str, filled: dict[str, bytes]) -> Desk:
    """Put the file into a folder to work in."""
    (tmp_path / "milepost.db").write_bytes(filled[url.partition(":")[0]])
    return Desk(tmp_path)


def complaint(desk: Desk, *words: str, code: int) -> str:
    """Run a command that fails with *code*, and give its one sentence."""
    done = desk.run(*words)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("Error: ") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


# ------------------------------------------------------------------ destroyed files


def truncated(content: bytes) -> bytes:
    """Lose the second half."""
    return content[: len(content) // 2]


def zeroed(content: bytes) -> bytes:
    """Lose the beginning."""
    return b"\0" * 100 + content[100:]


def overwritten(content: bytes) -> bytes:
    """Have a page of rubbish in the middle."""
    page = len(content) // 2 // 4096 * 4096
    return content[:page] + b"\xa5" * 4096 + content[page + 4096 :]


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda _content: b"",
    lambda _content: b"name;amount\n1;2\n" * 50,
    zeroed,
    overwritten,
    truncated,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=["zero bytes", "text", "zeroed header", "page of rubbish", "truncated"])
def test_a_destroyed_file_is_refused_and_left_alone(desk: Desk, url: str, damage: Callable[[bytes], bytes]) -> None:
    """Exit code 3, the name of the file, and what to do; nothing is made in its place."""
    file = desk.folder / "milepost.db"
    content = damage(file.read_bytes())
    file.write_bytes(content)
    says = complaint(desk, "serve", "--store", url, "--port", str(free_port()), code=3)
    assert str(file) in says
    assert re.search(r"backup", says)
    assert file.read_bytes() == content
    assert {path.name for path in desk.folder.iterdir()} <= {"home", "milepost.db", "milepost.db.lock"}


def test_flipped_bits_are_refused_or_found_or_harmless(desk: Desk, url: str) -> None:
    """In this process, for speed: only sentences of ours come out, and no store is begun anew."""
    print(f"\nMILEPOST_SEED={SEED}")
    chance = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    file = desk.folder / "milepost.db"
    content = file.read_bytes()
    kind = url.partition(":")[0]
    ends: Counter[str] = Counter()
    left_alone = 0
    for _ in range(FLIPS):
        place = chance.randrange(len(content))
        flipped = content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]
        file.write_bytes(flipped)
        try:
            ends[looked_through(f"{kind}:///{file}")] += 1
        except StoreError as error:
            ends[type(error).__name__] += 1
            left_alone += file.read_bytes() == flipped
        for part in desk.folder.glob("milepost.db?*"):
            part.unlink() if part.is_file() else shutil.rmtree(part)
    print(dict(ends))
    refused = FLIPS - ends["found"] - ends["harmless"]
    assert left_alone == refused


def looked_through(url: str) -> str:
    """Open a store, check it, recompute it, and say whether anything was found."""
    with closing(open_store(url)) as store:
        fault = store.check()
        differences = verify(Services(store, read_clock, Settings())).differences
        with store.reading() as view:
            assert view.row_count("achievement_versions") > 0
    return "found" if fault or differences else "harmless"


def test_the_way_back_is_one_command(desk: Desk, url: str) -> None:
    """The refusal names the newest backup and the command, which works as it stands there."""
    file = desk.folder / "milepost.db"
    assert desk.run("backup", "--store", url).returncode == 0
    state = re.findall("^State: .*$", desk.run("verify", "--store", url).stdout, re.MULTILINE)
    file.write_bytes(b"")
    says = complaint(desk, "verify", "--store", url, code=3)
    found = re.search(r"newest backup was made [0-9: -]+ UTC; `milepost restore --latest --store '(.*)'`", says)
    assert found, says
    done = desk.run("restore", "--latest", "--store", found[1])
    assert done.returncode == 0, done.stderr
    assert "0 events" in done.stdout
    assert re.findall("^State: .*$", desk.run("verify", "--store", url).stdout, re.MULTILINE) == state
    assert [path.stat().st_size for path in desk.folder.glob("milepost.db.replaced-*")] == [0]


# ------------------------------------------------------------------ places that may not be written


def as_plain_user(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a superuser's rights: those may write anywhere."""
    code = """
        import os, sys
        import milepost.cli.listening  # others may not be allowed to read what is imported
        from milepost.cli.commands import main
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        main(prog_name="milepost")
    """
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", textwrap.dedent(code), *words],
        cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o666, 0o555), (0o444, 0o777)], ids=["folder", "file"])
def test_a_read_only_place_is_refused(
    public_folder: Path, url: str, filled: dict[str, bytes], file_mode: int, folder_mode: int
) -> None:
    """Exit code 3, and who must be allowed what; the file stays as it was."""
    file = public_folder / "milepost.db"
    content = filled[url.partition(":")[0]]
    file.write_bytes(content)
    file.chmod(file_mode)
    public_folder.chmod(folder_mode)
    done = as_plain_user(public_folder, "serve", "--store", url, "--port", str(free_port()))
    assert done.returncode == 3, done.stderr
    assert re.search(r"Error: .*(must be allowed|must exist and be writable)", done.stderr)
    assert file.read_bytes() == content


# ------------------------------------------------------------------ full disks


class Teller:
    """Tells events one after the other, and knows which were acknowledged."""

    def __init__(self, server: Server) -> None:
        """Talk to a running server."""
        self._server = server
        self._session = session()
        self.acknowledged: list[str] = []
        self._told = 0

    def tell(self) -> requests.Response:
        """Tell one more event of some size."""
        event_id = f"e{self._told:05}"
        self._told += 1
        body = {"id": event_id, "type": "ticket.solved", "actor": "ana", "properties": {"note": "x" * 20_000}}
        answer = self._session.post(f"{self._server.url}/v1/evaluate", json=body, timeout=30)
        if answer.ok:
            self.acknowledged.append(event_id)
        return answer

    def tell_until_full(self) -> requests.Response:
        """Tell events until one is refused."""
        while (answer := self.tell()).ok:
            assert self._told < 2_000, "the disk never became full"
        return answer

    def get(self, path: str) -> requests.Response:
        """Ask something."""
        return self._session.get(f"{self._server.url}{path}", timeout=30)

    def back_up(self) -> requests.Response:
        """Ask for a backup."""
        return self._session.post(f"{self._server.url}/v1/backups", timeout=60)

    def lost(self) -> list[str]:
        """Give what was acknowledged and is not there."""
        return [one for one in self.acknowledged if self.get(f"/v1/events/{one}").status_code != 200]


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_refuses_changes_loses_nothing_and_heals(small_disk: Path, tmp_path: Path, kind: str) -> None:
    """Changes get 503 in words, questions their answer; freed space is used without a restart."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 2**21)
    server = Server(f"{kind}:///{small_disk / 'milepost.db'}", tmp_path / "log", free_port())
    server.start()
    try:
        teller = Teller(server)
        for refused in (teller.tell_until_full(), teller.tell(), teller.back_up()):
            problem = refused.json()
            assert (refused.status_code, problem["type"]) == (503, "/docs/errors#store-full"), problem
            assert "No space is left" in problem["detail"]
            assert refused.headers["Retry-After"]
        assert [teller.get(path).status_code for path in ("/health", "/ready", "/v1/awards", "/v1/actors")] == [200] * 4
        assert teller.lost() == []
        ballast.unlink()
        assert teller.tell().ok
        server.kill()
        server.start()
        assert teller.lost() == []
        assert len(teller.acknowledged) > 10
    finally:
        server.stop()
