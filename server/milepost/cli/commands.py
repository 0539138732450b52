"""All commands put together."""

from __future__ import annotations

import click

from milepost import __version__
from milepost.cli.backing_up import backup_command, restore_command
from milepost.cli.backtesting import backtest_command
from milepost.cli.checking import rebuild_command, verify_command
from milepost.cli.deliveries import delivery
from milepost.cli.demo import demo
from milepost.cli.doctor import doctor
from milepost.cli.events import event
from milepost.cli.failures import Commands
from milepost.cli.importing import import_command
from milepost.cli.keys import key
from milepost.cli.moving import move
from milepost.cli.people import person
from milepost.cli.recipes import recipe
from milepost.cli.rules import rule
from milepost.cli.serving import serve
from milepost.cli.subscriptions import subscription
from milepost.cli.working import worker


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="milepost", message="%(prog)s %(version)s")
def main() -> None:
    """Milepost: micro-achievements for business apps, on your own machine."""


for command in (
    serve,
    worker,
    demo,
    import_command,
    event,
    recipe,
    rule,
    backtest_command,
    person,
    subscription,
    delivery,
    key,
    verify_command,
    rebuild_command,
    backup_command,
    restore_command,
    move,
    doctor,
):
    main.add_command(command)
