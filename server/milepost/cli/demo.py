"""``milepost demo``: a fresh store, the story of a recipe, and a server to try."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console

from milepost.cli.addresses import Address, free_address, until_stopped
from milepost.cli.failures import Failure, StoreClosed
from milepost.cli.narration import Narrator
from milepost.cli.screens import print_table, put, screen
from milepost.cli.stores import chosen_settings, open_services
from milepost.cli.storytime import moved_story
from milepost.engine.people import Holder, HolderKind
from milepost.log import configure_log
from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_recipe import load_recipe
from milepost.operations.make_key import make_key
from milepost.operations.play_story import StepResult, play_story
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.show_recipes import show_recipe
from milepost.schemas.keys import Scope
from milepost.schemas.recipes import Recipe
from milepost.storage.errors import StoreError
from milepost.storage.file_lock import FileLock
from milepost.storage.records import AwardStatus

RECIPE = "helpdesk-sla"
#: What a SQLite file is made of.
_FILE_PARTS = ("", "-wal", "-shm")


@click.command()
@click.option("--exit", "exits", is_flag=True, help="Only play the story; start no server.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on. [8400, or another that is free]")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(".milepost"), show_default=True,
    help="Where the demo keeps its own store; it is made anew each time.",
)  # fmt: skip
def demo(exits: bool, port: int | None, folder: Path) -> None:  # noqa: FBT001 - click gives options by name
    """Play a fortnight of a helpdesk, then leave the server running to try."""
    store = _fresh_store(folder)
    settings = replace(chosen_settings(str(store), port=port), backups=0)  # the next demo makes everything anew
    console = screen()
    if exits:
        with open_services(settings) as services:
            _play(services, console)
        return
    from milepost.cli.listening import serve_calls  # noqa: PLC0415  (a web server: half of a start, and others need none)

    with until_stopped(), open_services(settings) as services:
        address = _free_address(settings.host, port, settings.port)
        _play(services, console)
        configure_log(as_json=not sys.stderr.isatty())
        serve_calls(services, address, announce=lambda: _announce(services, address, store))


def _fresh_store(folder: Path) -> Path:
    """Remove the store of the last demo, unless one is still running."""
    folder.mkdir(parents=True, exist_ok=True)
    store = (folder / "demo.db").absolute()
    try:
        lock = FileLock(store.with_name(f"{store.name}.lock"))
    except StoreError as error:
        raise StoreClosed(f"{error} A demo that is still running is stopped with Ctrl-C.") from None
    try:
        for part in _FILE_PARTS:
            store.with_name(store.name + part).unlink(missing_ok=True)
    finally:
        lock.release()
    return store


def _free_address(host: str, wanted: int | None, usual: int) -> Address:
    """Take the port that was asked for; else the usual one, or any that is free."""
    if wanted is not None:
        return free_address(host, wanted)
    try:
        return free_address(host, usual)
    except Failure:
        return free_address(host, 0)


def _play(services: Services, console: Console) -> None:
    """Install the recipe and play its story, step by step."""
    recipe = load_recipe(RECIPE)
    install_recipe(services, recipe.slug, author="demo")
    zone = _zone_of(recipe)
    rules = show_recipe(recipe.slug)["achievements"]
    names = {person["id"]: person["name"] for person in recipe.people["actors"]}
    console.print(f"Milepost demo: {recipe.name}", style="bold")
    put(console, f"{recipe.summary}\n")
    print_table(console, ("achievement", "rule"), [(rule["name"], rule["sentence"]) for rule in rules])
    console.print("\nWhat happened, told event by event, by a clock of the story's own:\n")
    titles = {rule["key"]: rule["name"] for rule in rules}
    narrator = Narrator(console, names | titles, zone)
    counter = iter(range(1, len(recipe.story) + 1))
    story = moved_story(recipe.story, zone=zone, ends_by=services.clock())
    results = play_story(services, story, recipe.people, lambda result: narrator.tell(next(counter), result))
    narrator.write(narrator.changes(settle_all(services)))
    _print_standings(services, console, names)
    _refuse_surprises(results)


def _zone_of(recipe: Recipe) -> ZoneInfo:
    zones = [calendar["zone"] for calendar in recipe.people.get("calendars", []) if calendar.get("zone")]
    return ZoneInfo(zones[0] if zones else "UTC")


def _print_standings(services: Services, console: Console, names: dict[str, str]) -> None:
    """Say where everybody stands now."""
    rows = []
    with services.store.reading() as reading:
        for actor_id, name in names.items():
            holder = Holder(HolderKind.ACTOR, actor_id)
            standing = [one.name for one in reading.awards_of(None, holder) if one.status is AwardStatus.GRANTED]
            rows.append((name, ", ".join(standing) or "nothing yet", str(reading.points(holder))))
    console.print("Where they stand now:\n")
    print_table(console, ("who", "awards", "points"), rows)


def _refuse_surprises(results: list[StepResult]) -> None:
    wrong = sum(bool(result.problems) for result in results)
    if wrong:
        raise Failure(f"{wrong} steps of the story did not go as the recipe says; they are marked above.")


def _announce(services: Services, address: Address, store: Path) -> None:
    """Say what to try, with a key that works."""
    key = make_key(services, name="demo", scopes=[Scope.ADMIN]).secret
    for line in _what_to_try(address, key, store):
        click.echo(line)
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class _Call:
    """One thing to try."""

    why: str
    command: str


def _what_to_try(address: Address, key: str, store: Path) -> Iterator[str]:
    """Give lines to paste into a second terminal."""
    header = f"-H 'Authorization: Bearer {key}'"
    body = "-H 'Content-Type: application/json' -d"
    event = {
        "id": "ticket-201-solved",
        "type": "ticket.solved",
        "actor": "cleo@example.com",
        "subject": "ticket-201",
        "properties": {"within_sla": True},
    }
    tell = f"curl -s {address.url}/v1/evaluate {header} {body} '{orjson.dumps(event).decode()}'"
    yield ""
    yield f"The server is running at {address.url}; everything is in {store}. In another terminal:"
    calls = (
        _Call("Tell what happened, as a step in a flow would:", tell),
        _Call('Send the same line again. It answers "replayed": true, and nothing is counted twice:', tell),
        _Call("See how far Ana is:", f"curl -s {address.url}/v1/actors/ana@example.com/progress {header}"),
        _Call("See every award, those taken back included:", f"curl -s {address.url}/v1/awards {header}"),
    )
    for number, call in enumerate(calls, 1):
        yield f"\n{number}. {call.why}"
        yield f"   {call.command} | python3 -m json.tool"
    yield f"\nThe API for people: {address.url}/docs"
    yield "Stop with Ctrl-C. Nothing leaves this machine, and the next demo starts anew."
