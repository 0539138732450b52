"""``milepost event``: tell a running server what happened."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
import orjson

from milepost.cli.calls import Server, server_options
from milepost.cli.stores import chosen_settings


@click.group()
def event() -> None:
    """Tell a running server what happened."""


@event.command()
@click.option("--type", "event_type", help="What happened: ticket.solved")
@click.option("--actor", help="Who did it: ana@example.com")
@click.option("--subject", help="The record it happened to: ticket-123")
@click.option("--id", "event_id", help="Stays the same when the record is told again.")
@click.option("--at", "occurred_at", help="When: 2026-03-02T10:00:00+01:00. [now]")
@click.option("--property", "-p", "properties", multiple=True, metavar="NAME=VALUE", help="Repeat it for several.")
@click.option("--dry-run", is_flag=True, help="Answer the same and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer.")
@server_options
def send(
    *,
    properties: Sequence[str],
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
    **told: str | None,
) -> None:
    """Send one event from the options, or JSON from standard input if there are none."""
    settings = chosen_settings()
    server = Server(url or f"http://127.0.0.1:{settings.port}", key or settings.api_key)
    document = _from_options(told, properties) or _from_standard_input()
    answer = server.ask("POST", "/v1/evaluate", {**document, "dry_run": True} if dry_run else document)
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
        return
    for line in _lines(answer):
        click.echo(line)


def _from_options(told: dict[str, str | None], properties: Sequence[str]) -> dict[str, Any]:
    names = {"event_type": "type", "event_id": "id"}
    document: dict[str, Any] = {names.get(name, name): value for name, value in told.items() if value is not None}
    if properties:
        document["properties"] = dict(map(_property, properties))
    return document


def _property(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise click.BadParameter(f"{text[:80]!r} is not NAME=VALUE, such as within_sla=true.", param_hint="--property")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value


def _from_standard_input() -> dict[str, Any]:
    if sys.stdin.isatty():
        raise click.UsageError("Name at least --type and --actor, or send JSON to standard input.")
    try:
        document = orjson.loads(sys.stdin.buffer.read())
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"Standard input is no JSON: {error}.") from None
    if not isinstance(document, dict):
        raise click.UsageError("Standard input must be one JSON object, an event.")
    return document


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    """Say in a few lines what an answer means."""
    again = " (told before: this is the first answer again)" if answer["replayed"] else ""
    yield f"{answer['event_id']}: {answer['outcome'].replace('_', ' ')}{again}"
    for award in answer["awards"]:
        tier = f" {award['tier']}" if award["tier"] else ""
        yield f"  earned      {award['name']}{tier} (+{award['points']}) by {award['holder']}: {award['message']}"
    for award in answer["revoked"]:
        yield f"  taken back  {award['name']} of {award['holder']}: {award['reason']}"
    for reason in answer["not_counted"]:
        yield f"  not yet     {reason['achievement']}: {reason['reason']}"
    for entry in answer["progress"]:
        yield f"  progress    {entry['name']}: {entry['reason']}"
    for warning in answer["warnings"]:
        yield f"  note        {warning}"
