"""``milepost recipe``: see what comes with Milepost, and install it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from milepost.cli.calls import Server, server_options
from milepost.cli.failures import Failure
from milepost.cli.screens import print_table, put, screen
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.clock import read_clock
from milepost.engine.achievements import State
from milepost.operations.export_recipe import APP_VERSION, Export, Platform, ZapierApp, export_recipe
from milepost.operations.install_recipe import install_recipe
from milepost.operations.show_recipes import show_recipe, show_recipes

#: Who installs a recipe without a key.
AUTHOR = "command line"


@click.group()
def recipe() -> None:
    """See and install ready-made bundles of achievements."""


@recipe.command("list")
def list_all() -> None:
    """List the recipes that come with Milepost."""
    rows = [(one["slug"], str(len(one["achievements"])), one["summary"]) for one in show_recipes()]
    print_table(screen(), ("recipe", "rules", "what for"), rows)


@recipe.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Show a recipe: its rules as sentences, and the events they live on."""
    shown = show_recipe(slug)
    console = screen()
    put(console, f"{shown['name']} {shown['version']}: {shown['summary']}\n")
    print_table(console, ("achievement", "rule"), [(one["name"], one["sentence"]) for one in shown["achievements"]])
    console.print()
    print_table(console, ("event", "means"), [(event["type"], event["means"]) for event in shown["events"]])
    if shown["sources"]:
        console.print(f"\nMappings for files and webhooks: {', '.join(shown['sources'])}")


@recipe.command()
@click.argument("slug")
@click.option(
    "--state", type=click.Choice([str(State.LIVE), str(State.SHADOW), str(State.DRAFT)]), default=str(State.LIVE),
    help="live: in force; shadow: judged, but nothing is awarded; draft: only kept.", show_default=True,
)  # fmt: skip
@store_option
@server_options
def install(slug: str, state: str, store: str | None, url: str | None, key: str | None) -> None:
    """Add the rules and mappings of a recipe that are not there yet."""
    installed = _install(slug, state, store, Server(url, key) if url else None)
    added, kept = installed["added"], installed["kept"]
    click.echo(
        f"{installed['slug']} {installed['version']}: {_count(added, 'achievement')} added"
        + (f" ({', '.join(added)})" if added else "")
        + "."
    )
    if kept:
        click.echo(f"There already, and left as they are: {', '.join(kept)}.")
    for source in installed["mappings_added"]:
        click.echo(f"Mapping added: {source}.")


@recipe.command()
@click.argument("slug")
@click.option(
    "--for",
    "platform",
    type=click.Choice([str(one) for one in Platform]),
    required=True,
    help="Where the flow is built.",
)
@click.option(
    "--url", envvar="MILEPOST_URL", required=True, help="The address the platform calls your server by. [MILEPOST_URL]"
)
@click.option("--app", help="Zapier: your registration of the app, such as App123456CLIAPI.")
@click.option("--version", "app_version", default=APP_VERSION, show_default=True, help="Zapier: the app's version.")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="The folder. [default: SLUG-PLATFORM]"
)
def export(slug: str, platform: str, url: str, app: str | None, app_version: str, folder: Path | None) -> None:
    """Write a recipe's files for Make, Zapier or n8n, with your server's address in them."""
    zapier_app = ZapierApp(app, app_version) if app else None
    exported = export_recipe(slug, platform=Platform(platform), url=url, now=read_clock(), app=zapier_app)
    _write_all(exported, folder or Path(f"{slug}-{platform}"))
    for number, step in enumerate(exported.next_steps, start=1):
        click.echo(f"{number}. {step}")


def _write_all(exported: Export, folder: Path) -> None:
    """Write the examples, and the files that are not there yet; or nothing, if one is there and differs."""
    for name, text in exported.files.items():
        path = folder / name
        if path.exists() and path.read_bytes() != text.encode():
            raise Failure(f"{path} is there already and differs. Name another folder with --to, or move it away.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**exported.files, **exported.examples}.items():
        (folder / name).write_bytes(text.encode())
        click.echo(f"Written: {folder / name}")


def _install(slug: str, state: str, store: str | None, server: Server | None) -> dict[str, Any]:
    if server is not None:
        return dict(server.ask("POST", f"/v1/recipes/{slug}/install", {"state": state}))
    with open_services(chosen_settings(store), over_http=f"milepost recipe install {slug}") as services:
        return asdict(install_recipe(services, slug, author=AUTHOR, state=state))


def _count(items: list[str], noun: str) -> str:
    return f"{len(items)} {noun}" + ("" if len(items) == 1 else "s")
