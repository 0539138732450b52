"""``milepost verify`` and ``milepost rebuild`` hold what is kept against what the events say."""

from __future__ import annotations

import click

from milepost.cli.failures import Failure
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.operations.hash_state import hash_state
from milepost.operations.rebuild import rebuild
from milepost.operations.verify import verify
from milepost.storage import way_back

SHOWN_DIFFERENCES = 20


@click.command("verify")
@store_option
def verify_command(store: str | None) -> None:
    """Recompute everything from the events, compare it with what is kept, and give the hash of all of it."""
    with open_services(chosen_settings(store)) as services:
        fault = services.store.check()
        if fault is not None:
            raise Failure(f"{fault}{way_back(services.settings.store)}")
        verified = verify(services)
        with services.store.reading() as reading:
            state = hash_state(reading)
    click.echo(f"State: {state}")
    if not verified.differences:
        click.echo(f"All is as the events say: {verified.holders} standings and {verified.awards} awards compared.")
        return
    for difference in verified.differences[:SHOWN_DIFFERENCES]:
        click.echo(f"  {difference}")
    raise Failure(f"{len(verified.differences)} differences. Keep a copy of the store, then run `milepost rebuild`.")


@click.command("rebuild")
@store_option
def rebuild_command(store: str | None) -> None:
    """Judge everything again from the events; events that came too late count from now on."""
    with open_services(chosen_settings(store)) as services:
        rebuilt = rebuild(services)
    click.echo(
        f"Rebuilt: {rebuilt.granted} awards granted, {rebuilt.revoked} taken back, "
        f"{rebuilt.late_events} late events now count."
    )
