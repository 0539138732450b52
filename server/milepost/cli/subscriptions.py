"""``milepost subscription``: the places that messages and news go to."""

from __future__ import annotations

import time
from typing import Any

import click

from milepost.cli.calls import Server, server_options
from milepost.cli.failures import Failure
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.operations.save_subscription import add_subscription, change_subscription, remove_subscription
from milepost.operations.send_test import send_test
from milepost.operations.show_subscriptions import SubscriptionQuery, list_subscriptions
from milepost.schemas.subscriptions import AUDIENCES, NewSubscriptionSchema
from milepost.schemas.wishes import TRANSPORTS
from milepost.schemas.words import load

#: How often it is asked, once a second, what became of a test message.
TRIES = 30
_PATH = "/v1/subscriptions"
_ADDED_BY = "command line"


@click.group()
def subscription() -> None:
    """See, add, try and remove the places that messages go to."""


@subscription.command("add")
@click.argument("address", required=False)
@click.option("--transport", type=click.Choice(TRANSPORTS), default="webhook", show_default=True, help="What it is.")
@click.option("--team", help="What is told to this team.")
@click.option("--actor", help="What is told to this person.")
@click.option("--audience", type=click.Choice(AUDIENCES), help="For each actor, each team, or all news (webhooks).")
@click.option("--event", "events", multiple=True, metavar="KIND", help="Of all news, only this kind; repeat it.")
@click.option("--achievement", "achievements", multiple=True, metavar="KEY", help="Only of this one; repeat it.")
@click.option("--name", help="For people, such as the channel it is.")
@click.option("--contact", metavar="ID", help="The person who is told when nothing arrives there any more.")
@store_option
@server_options
def add(*, store: str | None, url: str | None, key: str | None, **wish: Any) -> None:
    """Add the place at ADDRESS: a URL, or a mailbox. Without one, e-mail goes to each person's own."""
    wish = {name: list(value) if isinstance(value, tuple) else value for name, value in wish.items()}
    if url:
        made = Server(url, key).ask("POST", _PATH, wish)
    else:
        with open_services(chosen_settings(store), over_http="milepost subscription add ADDRESS") as services:
            made = add_subscription(services, load(NewSubscriptionSchema(), wish), created_by=_ADDED_BY)
    click.echo(made["id"])
    if made["secret"]:
        click.echo(made["secret"])
        click.echo("The second line is the secret that messages are signed with. It is shown this once.", err=True)
    click.echo(f"Try it: milepost subscription test {made['id']}", err=True)


@subscription.command("list")
@store_option
@server_options
def list_all(store: str | None, url: str | None, key: str | None) -> None:
    """List the places, oldest first, with a part of each address."""
    if url:
        found = Server(url, key).ask_all(_PATH)
    else:
        with open_services(chosen_settings(store), over_http="milepost subscription list") as services:
            found = list_subscriptions(services, SubscriptionQuery())
    if not found:
        click.echo("There is no place yet. Add one with `milepost subscription add`.")
        return
    for one in found:
        click.echo(f"{one['id']}  {one['transport']:<7}  {_where(one)}")
        click.echo(f"    gets {_whose(one)}; {_state_of(one)}")


@subscription.command("test")
@click.argument("subscription_id", metavar="ID")
@click.option("--actor", help="To whom, where the place is for each person.")
@store_option
@server_options
def test_place(subscription_id: str, actor: str | None, store: str | None, url: str | None, key: str | None) -> None:
    """Send a test message to the place with this ID, and say how it went."""
    if url:
        server = Server(url, key)
        posted = server.ask("POST", f"{_PATH}/{subscription_id}/test", {"actor": actor})
        _report(server, posted["delivery_id"])
        return
    with open_services(chosen_settings(store), over_http=f"milepost subscription test {subscription_id}") as services:
        posted = send_test(services, subscription_id, actor=actor)
    click.echo(f"{posted['delivery_id']} goes out as soon as a server runs on this store: milepost serve.")


@subscription.command("enable")
@click.argument("subscription_id", metavar="ID")
@store_option
@server_options
def enable(subscription_id: str, store: str | None, url: str | None, key: str | None) -> None:
    """Switch the place with this ID on again, after what was wrong there is repaired."""
    changes = {"status": "active"}
    if url:
        Server(url, key).ask("PATCH", f"{_PATH}/{subscription_id}", changes)
    else:
        command = f"milepost subscription enable {subscription_id}"
        with open_services(chosen_settings(store), over_http=command) as services:
            change_subscription(services, subscription_id, changes)
    click.echo(f"{subscription_id} is active. What failed goes there with:")
    click.echo(f"  milepost delivery replay --subscription {subscription_id}")


@subscription.command("remove")
@click.argument("subscription_id", metavar="ID")
@store_option
@server_options
def remove(subscription_id: str, store: str | None, url: str | None, key: str | None) -> None:
    """Remove the place with this ID for good."""
    if url:
        Server(url, key).ask("DELETE", f"{_PATH}/{subscription_id}")
    else:
        command = f"milepost subscription remove {subscription_id}"
        with open_services(chosen_settings(store), over_http=command) as services:
            remove_subscription(services, subscription_id)
    click.echo(f"{subscription_id} is removed; nothing goes there any more.")


def _report(server: Server, delivery_id: str) -> None:
    """Wait until a test message has arrived or failed, and say which."""
    for _ in range(TRIES):
        delivery = server.ask("GET", f"/v1/deliveries/{delivery_id}")
        if delivery["status"] == "sent":
            click.echo(f"Sent: {delivery['words']}")
            return
        if delivery["attempts"] or delivery["status"] != "waiting":
            raise Failure(f"It did not arrive: {delivery['words']}")
        time.sleep(1)
    raise Failure(f"{delivery_id} is still waiting. Is a worker running? `milepost delivery list` says more later.")


def _whose(shown: dict[str, Any]) -> str:
    if shown["audience"] == "all":
        return f"news: {', '.join(shown['events'])}" if shown["events"] else "all news"
    named = shown["actor"] or (f"the team {shown['team']}" if shown["team"] else None)
    return f"what is told to {named or ('each person' if shown['audience'] == 'actor' else 'each team')}"


def _where(shown: dict[str, Any]) -> str:
    return " ".join(filter(None, (shown["name"], shown["address"]))) or "their own address"


def _state_of(shown: dict[str, Any]) -> str:
    if shown["status"] != "active":
        return f"{shown['status']}: {shown['words']}"
    return f"fails since {str(shown['failing_since'])[:16]}" if shown["failing_since"] else "active"
