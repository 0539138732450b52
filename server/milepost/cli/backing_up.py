"""``milepost backup`` and ``milepost restore``: a whole copy of the store, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from milepost.cli.calls import Server, server_options
from milepost.cli.failures import Failure, StoreClosed, WrongUse
from milepost.cli.screens import print_table, screen
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.clock import read_clock
from milepost.log import configure_log
from milepost.operations.back_up import SERVER_KEPT, back_up
from milepost.operations.restore import Restored, restore, restore_newest
from milepost.settings import Settings
from milepost.storage import store_file
from milepost.storage.backups import folder_of, list_backups
from milepost.storage.errors import StoreInUse


@dataclass(frozen=True, slots=True)
class _Copy:
    """A backup, as its store or a server tells of it."""

    file: str
    made_at: datetime
    size: int

    @classmethod
    def read(cls, document: dict[str, Any]) -> _Copy:
        return cls(document["file"], datetime.fromisoformat(document["made_at"]), document["size"])


@click.command("backup")
@click.option("--list", "lists", is_flag=True, help="Make none; list those there are.")
@store_option
@server_options
def backup_command(lists: bool, store: str | None, url: str | None, key: str | None) -> None:  # noqa: FBT001 - click gives options by name
    """Write a whole copy of the store into the folder beside it, and check it."""
    settings = chosen_settings(store)
    server = Server(url, key or settings.api_key) if url else None
    if lists:
        _print_list(_listed(settings, server))
        return
    if server is not None:
        made = server.ask("POST", "/v1/backups")
        copy, events, removed = _Copy.read(made), made["events"], made["removed"]
    else:
        existing_file(settings)
        with open_services(settings, over_http="milepost backup") as services:
            done = back_up(services)
        copy = _Copy(str(done.backup.path), done.backup.made_at, done.backup.size)
        events, removed = done.events, [str(one.path) for one in done.removed]
    click.echo(f"{copy.file}: {events} events, {_size(copy.size)}; it opens and is whole.")
    for one in removed:
        click.echo(f"Removed, being the oldest: {one}")


@click.command("restore")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--latest", is_flag=True, help="Take the newest backup that is whole.")
@store_option
def restore_command(file: Path | None, latest: bool, store: str | None) -> None:  # noqa: FBT001 - the same
    """Put a backup (FILE, or the newest with --latest) in the place of the store; what was there is moved aside."""
    settings = chosen_settings(store)
    if (file is None) == (not latest):
        raise WrongUse("Name a file to restore, or take the newest with --latest; `milepost backup --list` shows all.")
    configure_log(as_json=False)
    try:
        now = read_clock()
        restored = restore(settings.store, file, now) if file else restore_newest(settings.store, now)
    except StoreInUse as error:
        raise StoreClosed(str(error)) from None
    _report(restored)


def existing_file(settings: Settings) -> Path | None:
    """Give the file of a store that must be there already; None where a database server keeps it."""
    file = store_file(settings.store)
    if file is not None and not file.exists():
        raise StoreClosed(f"There is no store at {file}. Name the right one with --store.")
    return file


def _listed(settings: Settings, server: Server | None) -> list[_Copy]:
    if server is not None:
        return [_Copy.read(document) for document in server.ask("GET", "/v1/backups")["items"]]
    file = store_file(settings.store)
    if file is None:
        raise Failure(SERVER_KEPT)
    found = [_Copy(str(one.path), one.made_at, one.size) for one in list_backups(file)]
    if not found:
        raise Failure(f"There are no backups in {folder_of(file)}. `milepost backup` makes one.")
    return found


def _print_list(copies: Iterable[_Copy]) -> None:
    rows = [(f"{one.made_at:%Y-%m-%d %H:%M} UTC", _size(one.size), one.file) for one in copies]
    print_table(screen(), ("made", "size", "file"), rows)


def _report(restored: Restored) -> None:
    for problem in restored.unusable:
        click.echo(f"Passed over: {problem}", err=True)
    click.echo(f"Restored {restored.backup}: {restored.events} events; it was checked first.")
    if restored.moved_aside:
        click.echo(f"What was there is kept as {restored.moved_aside[0]}.")
    click.echo("Start Milepost as usual.")


def _size(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB"
