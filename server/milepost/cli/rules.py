"""``milepost rule``: see rules and their history, change them, see first what a change would do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from milepost.cli.documents import read_document
from milepost.cli.screens import print_table, put, screen
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.engine.achievements import State
from milepost.engine.facts import Past
from milepost.operations.preview_change import EFFECTS, Proposal, preview_change
from milepost.operations.save_achievement import Saved, roll_back, save_achievement, set_state
from milepost.operations.services import Services
from milepost.operations.show_achievements import list_achievements, list_versions, show_achievement

#: Who changes a rule without a key, unless they say so.
AUTHOR = "command line"

Command = TypeVar("Command", bound=Callable[..., Any])

_PASTS = {
    Past.KEEP: "what stands stays, and what ended before the change stays as it is",
    Past.RECOMPUTE: "everything is judged by the new version",
}
_EFFECTS = {
    "appears": "would appear",
    "falls": "would fall",
    "kept": "would be kept",
    "waits": "would wait for a review",
    "revalued": "would be worth other points",
}


@click.group()
def rule() -> None:
    """See the rules and their history, and change them."""


def change_options(command: Command) -> Command:
    """Add what goes along with every change."""
    options = (
        click.option("--note", help="Why: people read it in the history."),
        click.option("--author", default=AUTHOR, show_default=True, help="Who changes it."),
        click.option(
            "--past", type=click.Choice([str(past) for past in Past]),
            help="keep what was earned before, or recompute it. [keep; recompute where a rule goes live first]",
        ),
        click.option("--dry-run", is_flag=True, help="Show what it would do, and keep nothing."),
        store_option,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@rule.command("list")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only those in this state.")
@store_option
def list_all(state: str | None, store: str | None) -> None:
    """List the rules, each as its sentence."""
    with open_services(chosen_settings(store)) as services:
        rules = list_achievements(services, state=State(state) if state else None)
    rows = [(one["key"], one["state"], str(one["version"]), one["sentence"]) for one in rules]
    print_table(screen(), ("rule", "state", "version", "sentence"), rows)


@rule.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Print the document, to change it in a file and save it.")
@store_option
def show(key: str, store: str | None, *, as_json: bool) -> None:
    """Show a rule: its sentence, its state, and what is advised."""
    with open_services(chosen_settings(store)) as services:
        shown = show_achievement(services, key)
    if as_json:
        click.echo(orjson.dumps(shown["document"], option=orjson.OPT_INDENT_2).decode())
        return
    console = screen()
    put(console, f"{shown['name']} ({shown['key']}, version {shown['version']}, {shown['state']})")
    put(console, shown["sentence"])
    for advice in shown["advice"]:
        put(console, f"  note  {advice['text']}")


@rule.command()
@click.argument("key")
@store_option
def history(key: str, store: str | None) -> None:
    """Show every version of a rule, newest first: who, when, why, and what it changed."""
    with open_services(chosen_settings(store)) as services:
        versions = list_versions(services, key)
    console = screen()
    for version in versions:
        moment = f"{version['effective_at']:%Y-%m-%d %H:%M} UTC"
        put(console, f"version {version['number']}, {version['state']}, {moment}, by {version['author']}")
        put(console, f"  why: {version['note'] or 'no reason was given'}")
        for change in version["changes"]:
            put(console, f"  {change}")


@rule.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@change_options
def save(file: Path, *, dry_run: bool, store: str | None, **choices: Any) -> None:
    """Save the rule in FILE; what changed makes a new version."""
    document = read_document(file)
    proposal = Proposal(str(document.get("key")), document=document)
    _change(proposal, lambda services, chosen: save_achievement(services, document, **chosen), dry_run, store, choices)


@rule.command()
@click.argument("key")
@click.argument("state", type=click.Choice([str(state) for state in State]))
@change_options
def switch(key: str, state: str, *, dry_run: bool, store: str | None, **choices: Any) -> None:
    """Make a rule a draft, judge it silently (shadow), bring it into force (live) or retire it."""
    proposal = Proposal(key, state=State(state))
    _change(
        proposal, lambda services, chosen: set_state(services, key, State(state), **chosen), dry_run, store, choices
    )


@rule.command()
@click.argument("key")
@click.argument("version", type=click.IntRange(min=1))
@change_options
def rollback(key: str, version: int, *, dry_run: bool, store: str | None, **choices: Any) -> None:
    """Make an earlier version the newest again; the state stays as it is."""
    proposal = Proposal(key, version=version)
    _change(proposal, lambda services, chosen: roll_back(services, key, version, **chosen), dry_run, store, choices)


def _change(
    proposal: Proposal,
    change: Callable[[Services, dict[str, Any]], Saved],
    dry_run: bool,  # noqa: FBT001 - an option handed on
    store: str | None,
    choices: dict[str, Any],
) -> None:
    past = Past(choices["past"]) if choices["past"] else None
    with open_services(chosen_settings(store)) as services:
        if dry_run:
            _print_preview(preview_change(services, proposal))
            return
        saved = change(services, {**choices, "past": past})
    if not saved.changed:
        click.echo(f"{saved.key}: version {saved.number} says the same already.")
        return
    click.echo(f"{saved.key}: version {saved.number}, {saved.state}.")
    click.echo(saved.sentence)
    if saved.past:
        click.echo(f"{saved.past}: {_PASTS[saved.past]}.")
    for text in (*(advice.text for advice in saved.advice), *saved.warnings):
        click.echo(f"  note  {text}")


def _print_preview(preview: dict[str, Any]) -> None:
    console = screen()
    put(console, preview["sentence"])
    for change in preview["changes"] or ["Nothing would change."]:
        put(console, f"  {change}")
    for past in Past:
        chosen = " (unless you choose)" if preview["past"] == past else ""
        effect = preview[str(past)]
        counts = ", ".join(f"{effect[name]} {_EFFECTS[name]}" for name in EFFECTS if effect[name]) or "no award changes"
        put(console, f"\n{past}{chosen}: {_PASTS[past]}")
        put(console, f"  {counts}; points {effect['points']:+d}; people {effect['people']}")
        rows = [(one["name"], one["effect"], one["achievement"], one["slot"]) for one in effect["awards"]]
        if rows:
            print_table(console, ("  who", "what", "achievement", "which"), [(f"  {row[0]}", *row[1:]) for row in rows])
