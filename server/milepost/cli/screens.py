"""How commands write: plain lines in a pipe, sober colours in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click
from rich.console import Console, RenderableType
from rich.table import Table

#: Wide enough for tables, narrow enough to read.
READABLE_WIDTH = 100


def screen(*, errors: bool = False) -> Console:
    """Give a console for standard output (or error) as it is now."""
    console = Console(stderr=errors, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, READABLE_WIDTH) if console.is_terminal else READABLE_WIDTH
    return console


def print_table(console: Console, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows below the names of their columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    put(console, table)


def put(console: Console, what: RenderableType) -> None:
    """Write something without the blanks that rich fills lines up with."""
    with console.capture() as captured:
        console.print(what)
    for line in captured.get().splitlines():
        click.echo(line.rstrip(), file=console.file)
