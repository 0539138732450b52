"""``milepost key``: make, list and revoke API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from milepost.cli.calls import Server, server_options
from milepost.cli.screens import print_table, screen
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.operations.make_key import list_keys, make_key, revoke_key
from milepost.schemas.keys import KeySchema, Scope
from milepost.storage.records import KeyRecord


@click.group()
def key() -> None:
    """Make, list and revoke API keys."""


@key.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([str(scope) for scope in Scope]),
    default=[str(Scope.EVALUATE)], show_default=True, help="What it may do; repeat it for several.",
)  # fmt: skip
@store_option
@server_options
def create(name: str, scopes: Sequence[str], store: str | None, url: str | None, key: str | None) -> None:
    """Make a key called NAME; its secret is shown this once."""
    if not name.strip():
        raise click.BadParameter("give the key a name, such as the flow that uses it.", param_hint="NAME")
    if url:
        made = Server(url, key).ask("POST", "/v1/keys", {"name": name, "scopes": list(scopes)})
        shown, secret = made, made["secret"]
    else:
        with open_services(chosen_settings(store), over_http=f"milepost key create {name!r}") as services:
            new = make_key(services, name=name, scopes=scopes)
        shown, secret = _document(new.record), new.secret
    click.echo(secret)
    click.echo(
        f"Key {shown['id']} ({shown['name']}) may {', '.join(shown['scopes'])}. It is shown this once: keep it now.",
        err=True,
    )


@key.command("list")
@store_option
@server_options
def list_all(store: str | None, url: str | None, key: str | None) -> None:
    """List all keys without their secrets."""
    if url:
        keys = Server(url, key).ask("GET", "/v1/keys")["items"]
    else:
        with open_services(chosen_settings(store), over_http="milepost key list") as services:
            keys = [_document(record) for record in list_keys(services)]
    if not keys:
        click.echo("There is no key yet. Make one with `milepost key create NAME`.")
        return
    rows = [(one["id"], one["name"], f"…{one['hint']}", ", ".join(one["scopes"]), _state_of(one)) for one in keys]
    print_table(screen(), ("id", "name", "ends in", "may", "state"), rows)


@key.command()
@click.argument("key_id", metavar="ID")
@store_option
@server_options
def revoke(key_id: str, store: str | None, url: str | None, key: str | None) -> None:
    """Take the key with this ID out of use for good."""
    if url:
        revoked = Server(url, key).ask("DELETE", f"/v1/keys/{key_id}")
    else:
        with open_services(chosen_settings(store), over_http=f"milepost key revoke {key_id}") as services:
            revoked = _document(revoke_key(services, key_id))
    click.echo(f"Key {revoked['id']} ({revoked['name']}) is revoked.")


def _document(record: KeyRecord) -> dict[str, Any]:
    """Give the same document that the server would."""
    document = {name: getattr(record, name) for name in KeySchema().fields}
    return dict(KeySchema().dump({**document, "scopes": sorted(record.scopes)}))


def _state_of(shown: dict[str, Any]) -> str:
    if shown["revoked_at"]:
        return f"revoked {_day(shown['revoked_at'])}"
    return f"used {_day(shown['last_used_at'])}" if shown["last_used_at"] else "never used"


def _day(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%b %Y}"
