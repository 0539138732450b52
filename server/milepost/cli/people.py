"""``milepost person``: what is kept about one person, and how it goes away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import click
import orjson

from milepost.cli.calls import Server, server_options
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.operations.apply_retention import TOLD_KEPT, Retention, apply_retention, find_what_is_old
from milepost.operations.erase_person import erase_person
from milepost.operations.export_person import export_person
from milepost.schemas.addresses import same_address


@click.group()
def person() -> None:
    """See what is kept about a person, erase one, let go of what grew old."""


@person.command("export")
@click.argument("actor_id", metavar="ID")
@store_option
@server_options
def export_command(actor_id: str, store: str | None, url: str | None, key: str | None) -> None:
    """Print everything kept about the person with this ID as one JSON document."""
    if url:
        document = Server(url, key).ask("GET", f"/v1/actors/{_in_address(actor_id)}/export")
    else:
        with open_services(chosen_settings(store), over_http="milepost person export ID") as services:
            document = export_person(services, actor_id)
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


@person.command("erase")
@click.argument("actor_id", metavar="ID")
@click.option("--confirm", metavar="ID", help="The same id once more, where nobody can be asked.")
@store_option
@server_options
def erase_command(actor_id: str, confirm: str | None, store: str | None, url: str | None, key: str | None) -> None:
    """Erase the person with this ID for good; what others have stays as it is."""
    confirm = confirm or click.prompt("This cannot be undone. Type the id once more", err=True)
    if same_address(confirm) != same_address(actor_id):
        raise click.BadParameter("it is another id than the one to erase; nothing was done.", param_hint="--confirm")
    if url:
        erased = Server(url, key).ask("POST", f"/v1/actors/{_in_address(actor_id)}/erasure", {"confirm": confirm})
    else:
        with open_services(chosen_settings(store), over_http="milepost person erase ID") as services:
            erased = erase_person(services, actor_id, confirm=confirm)
    click.echo(f"Erased: {sum(erased['rows'].values())} records named the person, and none does any more.")
    for note in erased["notes"]:
        click.echo(note)


@person.command("retention")
@click.option("--dry-run", is_flag=True, help="Say what would go, and keep it.")
@store_option
def retention_command(*, dry_run: bool, store: str | None) -> None:
    """Let go of what is older than MILEPOST_RETENTION_DAYS; a running server does so every day."""
    settings = chosen_settings(store)
    with open_services(settings) as services:
        old = find_what_is_old(services) if dry_run else apply_retention(services)
    if settings.retention is None:
        went = "would go" if dry_run else "are gone now"
        click.echo("MILEPOST_RETENTION_DAYS is not set, so nothing grows old but messages.")
        click.echo(f"Older than {TOLD_KEPT.days} days: {old.messages} messages, which {went}.")
        return
    for line in _lines(old, days=settings.retention.days, dry_run=dry_run):
        click.echo(line)


def _lines(old: Retention, *, days: int, dry_run: bool) -> Iterator[str]:
    yield f"Older than {days} days{', and would go' if dry_run else ', and gone now'}:"
    yield f"  answers and unread properties of {old.events} events"
    yield f"  {old.tellings} earlier tellings of events"
    yield f"  {old.messages} messages"
    yield f"  {len(old.people)} people who told nothing since"
    if dry_run:
        yield from (f"    {actor_id}" for actor_id in old.people)


def _in_address(actor_id: str) -> Any:
    return quote(actor_id, safe="")
