"""Every link inside the project leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.sources import ROOT, pages, prose

_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")


def links(path: Path) -> list[str]:
    """Give the targets of a page's links, those to other sites left out."""
    targets = _LINK.findall(re.sub(r"`[^`]*`", "", prose(path.read_text("utf-8"))))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(path: Path) -> set[str]:
    """Give the anchors of a page's headings, made as the usual hosts of Markdown make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *#*$", prose(path.read_text("utf-8")), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        repeats = sum(known == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", known) is not None for known in found)
        found.add(f"{slug}-{repeats}" if repeats else slug)
    return found


def is_dead(path: Path, target: str) -> bool:
    """Say whether a link of the page at *path* leads nowhere."""
    place, _, anchor = target.partition("#")
    found = (path.parent / place).resolve() if place else path
    if not found.exists() or not found.is_relative_to(ROOT):
        return True
    return bool(anchor) and (found.suffix != ".md" or anchor not in anchors(found))


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    """Moved pages and renamed headings are noticed."""
    assert [target for target in links(path) if is_dead(path, target)] == []


def test_dead_links_are_noticed() -> None:
    """The test above can fail."""
    page = ROOT / "docs" / "glossary.md"
    assert is_dead(page, "reference/nothing.md")
    assert is_dead(page, "reference/api.md#no-such-heading")
    assert is_dead(page, "../../outside.md")
    assert not is_dead(page, "reference/api.md#keys")
    assert len(links(page)) > 5
