"""``milepost serve``: no setting is needed."""

from __future__ import annotations

import sys

import click

from milepost import __version__
from milepost.cli.addresses import Address, free_address, until_stopped
from milepost.cli.stores import chosen_settings, open_services, store_option, store_place
from milepost.cli.working import refuse_alone
from milepost.log import configure_log
from milepost.operations.make_key import list_keys, make_key
from milepost.operations.services import Services
from milepost.schemas.keys import Scope
from milepost.storage import reach_of


@click.command()
@store_option
@click.option("--host", help="The address to listen on. [MILEPOST_HOST, else 127.0.0.1: only this machine reaches it]")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on. [MILEPOST_PORT, else 8400]")
@click.option("--no-worker", is_flag=True, help="Only answer calls; `milepost worker` does the rest. For PostgreSQL.")
def serve(store: str | None, host: str | None, port: int | None, no_worker: bool) -> None:  # noqa: FBT001 - click gives options by name
    """Start the server; it makes what it needs."""
    from milepost.cli.listening import serve_calls  # noqa: PLC0415  (a web server: half of a start, and others need none)

    settings = chosen_settings(store, host=host, port=port)
    if no_worker:
        refuse_alone(settings.store, "--no-worker")
    with until_stopped(), open_services(settings) as services:
        address = free_address(settings.host, settings.port)
        configure_log(as_json=not sys.stderr.isatty())
        serve_calls(services, address, announce=lambda: _announce(services, address), has_worker=not no_worker)


def _first_key(services: Services) -> str | None:
    """Make the first key, unless there is any other way in."""
    if services.settings.api_key or list_keys(services):
        return None
    return make_key(services, name="first key", scopes=[Scope.ADMIN]).secret


def _announce(services: Services, address: Address) -> None:
    """Say where it is, where the data lives, how to get in and how to stop."""
    first_key = _first_key(services)
    click.echo(f"Milepost {__version__}")
    click.echo(f"  Address    {address.url}   (the API for people: {address.url}/docs)")
    click.echo(f"  Data       {store_place(services.settings)}")
    if reach := reach_of(services.settings.store):
        click.echo(f"             {reach}")
    if first_key:
        click.echo(f"  First key  {first_key}")
        click.echo("             It may do everything and is shown this once: keep it now.")
    click.echo("Stop with Ctrl-C. Nothing leaves this machine but messages to places that you add.")
    sys.stdout.flush()
