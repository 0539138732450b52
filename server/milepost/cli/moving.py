"""``milepost move``: from one kind of store to another, with nothing lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from milepost.cli.backing_up import existing_file
from milepost.cli.failures import WrongUse
from milepost.cli.screens import screen
from milepost.cli.stores import chosen_settings, open_services, store_option, store_place
from milepost.operations.move_store import Moved, Stage, move_store
from milepost.settings import Settings
from milepost.storage import store_file
from milepost.storage.base import Store


@click.command()
@click.option("--to", "target", required=True, metavar="FILE|URL", help="Where everything goes; there must be nothing.")
@store_option
def move(target: str, store: str | None) -> None:
    """Carry everything into another, empty store; the old one stays as it is."""
    old, new = chosen_settings(store), chosen_settings(target)
    if _place(old) == _place(new):
        raise WrongUse(f"{store_place(old)} cannot be moved to itself. Name another place with --to.")
    existing_file(old)
    with _opened(old) as source, _opened(new) as filled:
        moved = _move_visibly(source, filled)
    _report(moved, old, new)


def _place(settings: Settings) -> Path | str:
    """Give what tells stores apart, by whatever name they are called."""
    return store_file(settings.store) or settings.store


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    with open_services(settings) as services:
        yield services.store


def _move_visibly(source: Store, target: Store) -> Moved:
    """Move with a bar that shows how far it is."""
    console = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("rows"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)

        def show(stage: Stage) -> None:
            progress.update(task, description=stage.table, completed=stage.done, total=stage.rows)

        return move_store(source, target, show)


def _report(moved: Moved, old: Settings, new: Settings) -> None:
    click.echo(f"Moved {moved.events} events, {moved.rows} rows in all, from {store_place(old)} to {store_place(new)}.")
    click.echo(f"State of both: {moved.state}")
    click.echo(f"{store_place(old)} stays as it was. From now on start Milepost with the new one:")
    click.echo(f"  MILEPOST_STORE={store_place(new) if store_file(new.store) is None else new.store}")
