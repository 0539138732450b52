"""``milepost worker``: what time asks for and messages on their way, in a process beside the servers."""

from __future__ import annotations

import sys
import threading

import click

from milepost import __version__
from milepost.cli.addresses import until_stopped
from milepost.cli.failures import WrongUse
from milepost.cli.stores import chosen_settings, open_services, store_option, store_place
from milepost.log import configure_log
from milepost.storage import store_file
from milepost.worker import Worker


@click.command()
@store_option
def worker(store: str | None) -> None:
    """Let time pass and send messages, beside servers that only answer calls. For PostgreSQL."""
    settings = chosen_settings(store)
    refuse_alone(settings.store, "milepost worker")
    with until_stopped(), open_services(settings) as services:
        configure_log(as_json=not sys.stderr.isatty())
        working = Worker(services)
        working.start()
        try:
            click.echo(f"Milepost {__version__}: letting time pass and sending messages")
            click.echo(f"  Data       {store_place(settings)}")
            click.echo("Stop with Ctrl-C. Several workers may run beside each other.")
            sys.stdout.flush()
            threading.Event().wait()
        finally:
            working.stop()


def refuse_alone(store: str, what: str) -> None:
    """Refuse to part worker and server where one process has the whole store."""
    if store_file(store) is not None:
        raise WrongUse(
            f"{what} is for PostgreSQL, where several processes share a store. One process has this file: start "
            "`milepost serve`, which answers calls, lets time pass and sends messages."
        )
