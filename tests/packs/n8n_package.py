"""The n8n package, built and packed as it is published, beside n8n's own engine to run it in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.packs import kept_packages

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "n8n_nodes"
TESTS = SOURCES / "test"
#: n8n's engine, its scan and the compiler; kept from run to run, because they take half a minute to install.
MODULES = TESTS / "node_modules"
#: Where a tarball for people is put.
DIST = SOURCES / "dist"

#: What to do with the tarball; the folder is where n8n's own installer would put it.
_NEXT = """Built: {tarball}
On the machine n8n runs on, put it into n8n's folder:

  mkdir -p ~/.n8n/nodes
  npm install --prefix ~/.n8n/nodes --ignore-scripts --omit=dev --omit=peer --legacy-peer-deps {tarball}

Then start n8n again with N8N_UNVERIFIED_PACKAGES_ENABLED=true."""

OLDEST_NODE = 20
#: What is no part of the sources.
_LEFT_OUT = shutil.ignore_patterns("node_modules", "dist", "test", ".lab")
#: What the compiler leaves for others to copy.
_COPIED = ("*.svg", "*.node.json")


def reason_to_skip() -> str | None:
    """Say what is missing on this machine; None if nothing is."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "needs Node 20 or newer, and npm"
    version = run_tool("node", "--version").strip()
    found = re.match(r"v(\d+)", version)
    is_new = found is not None and int(found[1]) >= OLDEST_NODE
    return None if is_new else f"needs Node {OLDEST_NODE} or newer; here is {version}"


def run_tool(name: str, *arguments: str, cwd: Path = ROOT, seconds: int = 120, **environment: str) -> str:
    """Run a program and give what it printed; show that if it fails."""
    program = shutil.which(name)
    assert program is not None, f"{name} is not installed"
    found = subprocess.run(  # noqa: S603 - our own words
        [program, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert found.returncode == 0, (
        f"{name} {' '.join(arguments)} failed:\n{found.stdout[-20_000:]}\n{found.stderr[-8000:]}"
    )
    return found.stdout


def install_engine() -> Path:
    """Install n8n's engine, unless it is there already; give the folder of the modules."""
    return kept_packages.install(TESTS)


def build(folder: Path) -> Path:
    """Compile the sources in *folder* and pack them; give the tarball."""
    sources = folder / "sources"
    shutil.copytree(SOURCES, sources, ignore=_LEFT_OUT)
    (folder / "node_modules").symlink_to(MODULES)
    run_tool("node", str(MODULES / "typescript" / "bin" / "tsc"), "--project", ".", cwd=sources)
    for pattern in _COPIED:
        for path in [*sources.glob(f"icons/{pattern}"), *sources.glob(f"nodes/**/{pattern}")]:
            copy = sources / "dist" / path.relative_to(sources)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    name = run_tool("npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", str(folder), cwd=sources)
    return folder / name.strip()


def main() -> None:
    """Build the package, and say how to put it into n8n."""
    if (reason := reason_to_skip()) is not None:
        raise SystemExit(f"The package {reason}.")
    install_engine()
    with TemporaryDirectory() as folder:
        tarball = build(Path(folder))
        DIST.mkdir(exist_ok=True)
        shutil.copy(tarball, DIST)
        print(_NEXT.format(tarball=DIST / tarball.name))


if __name__ == "__main__":
    main()
