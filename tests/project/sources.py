"""What the tests of the project look at: its files, its modules, its pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "server" / "milepost"
DOCS = ROOT / "docs"

#: Read as text.
_TEXTS = {
    ".cfg",
    ".css",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".jsonl",
    ".md",
    ".py",
    ".toml",
    ".ts",
    ".txt",
    ".yaml",
    ".yml",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A Python file of the package."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Give the path people know it by."""
        return self.path.relative_to(PACKAGE).as_posix()

    def functions(self) -> Iterator[Function]:
        """Give every function and method, nested ones included."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@cache
def modules() -> tuple[Module, ...]:
    """Give every module of the package, by path."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return tuple(Module(path, text, ast.parse(text)) for path in paths if (text := path.read_text("utf-8")) is not None)


def is_ignored(path: Path) -> bool:
    """Say whether a path is none of the project's: the repository itself, or what .gitignore names."""
    patterns = [".git", *(line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split())]
    return any(fnmatch(part, pattern) for part in path.relative_to(ROOT).parts for pattern in patterns)


@cache
def text_files() -> tuple[Path, ...]:
    """Give every text file of the project, by path."""
    return tuple(path for path in _walk(ROOT) if path.suffix in _TEXTS or path.name in {"Makefile", "run", "LICENSE"})


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if is_ignored(path) or path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


@cache
def pages() -> tuple[Path, ...]:
    """Give every page that is written for people."""
    return tuple(path for path in text_files() if path.suffix == ".md")


def page(name: str) -> str:
    """Give the text of a page in ``docs/``."""
    return (DOCS / name).read_text("utf-8")


def prose(text: str) -> str:
    """Give a page without its code blocks."""
    return re.sub(r"^( *)(```+|~~~+).*?^ *\2 *$", "", text, flags=re.MULTILINE | re.DOTALL)


def first_cells(text: str) -> set[str]:
    """Give the words in backticks that stand in the first column of a page's tables."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {word for cell in rows for word in re.findall(r"`([^`]+)`", cell)}
