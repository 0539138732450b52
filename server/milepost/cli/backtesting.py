"""``milepost backtest``: try a rule on the recorded events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from milepost.cli.documents import read_document
from milepost.cli.failures import WrongUse
from milepost.cli.screens import print_table, put, screen
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.operations.backtest import backtest
from milepost.operations.backtest_report import report
from milepost.schemas.moments import read_moment

#: Rows of a table that are shown; `--json` has all.
SHOWN = 15


@click.command("backtest")
@click.argument("rule", metavar="FILE|KEY")
@click.option("--since", metavar="DAY|MOMENT", help="As if it had been switched on then: 2026-01-01. [all there is]")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report.")
@store_option
def backtest_command(rule: str, since: str | None, store: str | None, *, as_json: bool) -> None:
    """Say who would have earned a rule on the recorded events; FILE need not be saved. Nothing is written."""
    file = Path(rule)
    document = read_document(file) if file.is_file() else None
    if document is None and file.suffix == ".json":
        raise WrongUse(f"There is no file {rule}. Give the path of a rule, or the key of one that is saved.")
    with open_services(chosen_settings(store)) as services:
        shown = report(backtest(services, key=rule, document=document, since=_moment(since)))
    if as_json:
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        return
    for line in _lines(shown):
        put(screen(), line)
    _print_tables(shown)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = read_moment(text)
    except ValueError as error:
        raise WrongUse(f"--since: {error}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    """Say in a few lines what was found."""
    yield shown["sentence"]
    yield ""
    yield f"Tried on {shown['events']} events over {shown['days']} days."
    active = f"{shown['active']} of them with such events"
    yield f"{shown['earners_count']} of {shown['eligible']} eligible would have earned it ({active})."
    left_out = "".join(f", {count} left out ({code})" for code, count in shown["refused"].items())
    yield f"{shown['awards_count']} awards, {shown['points']} points{left_out}."
    for told in shown["messages"]:
        yield f"The {told['audience']} would have been told in {told['messages']} messages ({told['when']})."
    if not shown["earners"]:
        yield "Nobody would have earned it."


def _print_tables(shown: dict[str, Any]) -> None:
    tables = (
        ("weeks", {"week": "week", "awards": "awards", "people": "people", "points": "points"}),
        ("earners", {"name": "who", "awards": "awards", "points": "points", "first_earned_at": "first"}),
        ("nearest", {"name": "nearest", "window": "window", "percent": "%", "reason": "how far"}),
    )
    groups = shown["groups"]
    named = [("role", groups["roles"]), ("team", groups["teams"]), *groups["segments"].items()]
    for name, columns in tables:
        _print_table(shown[name], columns)
    for name, rows in named:
        _print_table(rows, {"name": name, "eligible": "eligible", "earners": "earned it", "awards": "awards"})


def _print_table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    if not rows:
        return
    console = screen()
    put(console, "")
    print_table(console, tuple(columns.values()), [[_cell(row[name]) for name in columns] for row in rows[:SHOWN]])
    if len(rows) > SHOWN:
        put(console, f"and {len(rows) - SHOWN} more: see --json")


def _cell(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)
