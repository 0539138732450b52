"""Packages of npm in folders that are kept from run to run: whole or not at all, one installation at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: Takes a third of npm's time for thousands of packages; it runs on Node 18.12 and newer.
PNPM = "9.15.9"
INSTALL_SECONDS = 900
_OPTIONS = (
    "--ignore-scripts",
    "--ignore-workspace",
    "--no-lockfile",
    "--reporter=append-only",
    "--config.node-linker=hoisted",
    "--config.auto-install-peers=false",
    "--config.strict-peer-dependencies=false",
)
_NO_WAY_THERE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT")


class Unreachable(Exception):  # noqa: N818 - it is named like what is the case
    """The registry of npm cannot be reached from here."""


def kept(name: str) -> Path:
    """Give a folder that is kept from run to run."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "milepost" / name


def install(folder: Path, wanted: Mapping[str, object] | None = None) -> Path:
    """Install what the ``package.json`` of *folder* names, unless it is there; give the folder of the modules.

    With *wanted* that file is written first. Raises `Unreachable` where npm's registry cannot be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        if wanted is not None:
            (folder / "package.json").write_text(json.dumps(wanted), "utf-8")
        modules = folder / "node_modules"
        if not _is_whole(folder):
            program = modules_of_pnpm() / "pnpm" / "bin" / "pnpm.cjs"
            _empty(modules)
            _run("node", str(program), "install", *_OPTIONS, f"--store-dir={kept('store')}", cwd=folder)
            _mark_as_whole(folder)
    return modules


def modules_of_pnpm() -> Path:
    """Give the folder with pnpm in it; npm brings it."""
    folder = kept(f"pnpm-{PNPM}")
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": {"pnpm": PNPM}}), "utf-8")
        if not _is_whole(folder):
            _empty(folder / "node_modules")
            _run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", cwd=folder)
            _mark_as_whole(folder)
    return folder / "node_modules"


def _is_whole(folder: Path) -> bool:
    """Say whether an installation of just these packages came to its end."""
    stamp = folder / "node_modules" / ".installed"
    return stamp.is_file() and stamp.read_text("utf-8") == _fingerprint(folder)


def _mark_as_whole(folder: Path) -> None:
    (folder / "node_modules" / ".installed").write_text(_fingerprint(folder), "utf-8")


def _fingerprint(folder: Path) -> str:
    return hashlib.sha256((folder / "package.json").read_bytes()).hexdigest()


def _empty(modules: Path) -> None:
    """Take away what another version, another installer or an interruption left."""
    if modules.exists():
        shutil.rmtree(modules)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else installs into the folder; a process that dies lets go of it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _run(name: str, *words: str, cwd: Path) -> None:
    program = shutil.which(name)
    assert program is not None, f"{name} is not installed: apt-get install nodejs npm"
    ended = subprocess.run(  # noqa: S603 - our own words
        [program, *words], cwd=cwd, check=False, capture_output=True, text=True, timeout=INSTALL_SECONDS
    )
    printed = f"{ended.stdout[-6000:]}\n{ended.stderr[-6000:]}"
    if ended.returncode != 0 and _NO_WAY_THERE.search(printed):
        raise Unreachable(f"The registry of npm cannot be reached:\n{printed[-1500:]}")
    assert ended.returncode == 0, f"{name} {' '.join(words)} in {cwd}:\n{printed}"
