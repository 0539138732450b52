"""``milepost delivery``: how messages fared on their way, and sending them again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import click

from milepost.cli.calls import Server, server_options
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.operations.list_deliveries import list_deliveries
from milepost.operations.replay_deliveries import replay_deliveries, replay_delivery
from milepost.operations.services import Services
from milepost.schemas.deliveries import DELIVERY_STATUSES, DeliveryQuerySchema, ReplaySchema
from milepost.schemas.words import load
from milepost.storage.outbox import DeliveryQuery, DeliveryStatus

_PATH = "/v1/deliveries"
#: As many are looked through, for they are kept by id and not by time.
MOST = 10_000
_PAGE = 200


@click.group()
def delivery() -> None:
    """See how messages fared on their way, and send them again."""


@delivery.command("list")
@click.option("--status", type=click.Choice(DELIVERY_STATUSES), help="Only those that stand so.")
@click.option("--subscription", metavar="ID", help="Only those to this place.")
@click.option("--since", metavar="MOMENT", help="Only those from then on: 2026-03-02T00:00:00Z.")
@click.option("--limit", type=click.IntRange(1, _PAGE), default=20, show_default=True, help="How many at most.")
@store_option
@server_options
def list_all(*, limit: int, store: str | None, url: str | None, key: str | None, **asked: str | None) -> None:
    """List deliveries, newest first, with how the last attempt went."""
    asked = {name: value for name, value in asked.items() if value is not None}
    if url:
        found = Server(url, key).ask_all(f"{_PATH}?{urlencode(asked)}", most=MOST)
    else:
        with open_services(chosen_settings(store), over_http="milepost delivery list") as services:
            found = _all_of(services, load(DeliveryQuerySchema(), asked))
    if not found:
        click.echo("There is none.")
        return
    newest = sorted(found, key=lambda one: str(one["created_at"]), reverse=True)[:limit]
    for one in newest:
        click.echo(f"{one['id']}  {str(one['created_at'])[:16]}  {one['status']:<7}  {one['place'] or ''}")
        if one["words"]:
            click.echo(f"    {one['words']}")


@delivery.command("replay")
@click.argument("delivery_id", metavar="ID", required=False)
@click.option("--subscription", metavar="ID", help="Everything that failed at this place.")
@click.option("--since", metavar="MOMENT", help="What failed of that from then on: 2026-03-02T00:00:00Z.")
@click.option("--until", metavar="MOMENT", help="What failed of that from before then.")
@click.option("--all", is_flag=True, help="Everything that failed, wherever it goes.")
@store_option
@server_options
def replay(*, delivery_id: str | None, store: str | None, url: str | None, key: str | None, **choice: Any) -> None:
    """Send the delivery with this ID again, or many that failed; the messages keep their ids."""
    if delivery_id and any(choice.values()):
        raise click.UsageError("Name one delivery, or say which failed ones; not both.")
    if not delivery_id:
        load(ReplaySchema(), choice)
    if url:
        replayed = _ask(Server(url, key), delivery_id, choice)
    else:
        with open_services(chosen_settings(store), over_http="milepost delivery replay") as services:
            replayed = _do(services, delivery_id, choice)
    click.echo("1 delivery is on its way again." if replayed == 1 else f"{replayed} deliveries are on their way again.")


def _ask(server: Server, delivery_id: str | None, choice: dict[str, Any]) -> int:
    if delivery_id:
        server.ask("POST", f"{_PATH}/{delivery_id}/replay")
        return 1
    return int(server.ask("POST", f"{_PATH}/replay", choice)["replayed"])


def _do(services: Services, delivery_id: str | None, choice: dict[str, Any]) -> int:
    if delivery_id:
        replay_delivery(services, delivery_id)
        return 1
    read = load(ReplaySchema(), choice)
    query = DeliveryQuery(subscription_id=read["subscription"], since=read["since"], until=read["until"])
    return replay_deliveries(services, query)


def _all_of(services: Services, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every delivery that is asked for, page by page."""
    query = DeliveryQuery(
        status=DeliveryStatus(asked["status"]) if asked["status"] else None,
        subscription_id=asked["subscription"],
        since=asked["since"],
        limit=MOST,
    )
    return list_deliveries(services, query)
