"""What tests of several kinds share: what is run first, and places on the disk that are not as they should be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Files that take half a minute or more. They go first: where the last to begin is a long one, the other worker waits.
LONGEST = (
    "packs/test_real_n8n.py",
    "oracle/test_product_against_oracle.py",
    "acceptance/test_kill.py",
    "acceptance/test_real_logs.py",
    "oracle/test_product_where_awards_come_and_go.py",
    "oracle/test_product_on_other_stores.py",
    "acceptance/test_outbox_kills.py",
    "acceptance/test_pages.py",
    "acceptance/test_serve.py",
    "acceptance/test_move.py",
    "packs/test_n8n_nodes.py",
    "quarter/test_quarter.py",
    "recipes/test_stories_on_every_store.py",
    "delivery/test_hostile_texts.py",
    "acceptance/test_postgresql.py",
    "acceptance/test_file_trouble.py",
    "acceptance/test_hostile_receivers.py",
    "storage/test_migrations.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first, and leave all others in their order."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Make a folder that every user of the machine may look into."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603  (our own words)
        pytest.skip("no right to mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S603, S607  (found as mount was)
