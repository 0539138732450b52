"""``milepost import``: what Milepost would have said about an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from milepost.cli.failures import Failure
from milepost.cli.screens import screen
from milepost.cli.stores import chosen_settings, open_services, store_option
from milepost.errors import NotFound
from milepost.operations.find_mapping import find_any_mapping, read_mapping
from milepost.operations.import_file import Imported, import_file
from milepost.operations.load_recipe import load_recipe
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.schemas.mapping_values import SourceMapping
from milepost.storage.records import AwardQuery, AwardStatus, SetAside

#: Lines set aside that are shown; all of them are kept in the store.
SHOWN_ASIDE = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "-m", required=True, metavar="SOURCE|RECIPE/SOURCE|FILE.json", help="How its rows become events."
)
@store_option
def import_command(file: Path, mapping: str, store: str | None) -> None:
    """Tell every event of FILE (CSV or JSON), in the order in which it happened."""
    with open_services(chosen_settings(store)) as services:
        found = _find_mapping(services, mapping)
        _warn_without_rules(services)
        try:
            imported = _import_visibly(services, file, found)
        except KeyboardInterrupt:
            raise Failure("Stopped. Run the same command again: it goes on where it stopped.") from None
        _report(imported, file)
        _report_awards(services)


def _find_mapping(services: Services, name: str) -> SourceMapping:
    """Read a mapping by the name of its source, from a recipe, or from a file."""
    recipe, sign, source = name.partition("/")
    if name.endswith(".json") or not sign:
        return find_any_mapping(services, name)
    for document in load_recipe(recipe).mappings:
        if document["source"] == source:
            return read_mapping(document)
    there = ", ".join(f"{recipe}/{document['source']}" for document in load_recipe(recipe).mappings) or "none"
    raise NotFound(f"The recipe {recipe} has no mapping {source[:80]!r}; it has {there}.")


def _warn_without_rules(services: Services) -> None:
    with services.store.reading() as reading:
        judged = list(rule_book(reading).judged())
    if not judged:
        click.echo(
            "No achievement is in force yet, so nothing can be earned. `milepost recipe install SLUG` adds some.",
            err=True,
        )


def _import_visibly(services: Services, file: Path, mapping: SourceMapping) -> Imported:
    """Import with a bar that shows how far it is."""
    console = screen(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(file.name, total=None)

        def show(told: int, total: int) -> None:
            progress.update(task, completed=told, total=total)

        return import_file(services, file, mapping, on_progress=show)


def _report(imported: Imported, file: Path) -> None:
    if imported.is_repeat:
        click.echo(f"{file.name} was imported before with this mapping; nothing changed.")
    else:
        before = imported.events - imported.told
        already = f"; {before} had been told before" if before else ""
        click.echo(f"{file.name}: {imported.told} events told{already}, {imported.people} people added or completed.")
    _report_aside(imported.set_aside)


def _report_aside(aside: Sequence[SetAside]) -> None:
    if not aside:
        return
    click.echo(f"Set aside, because they could not be read: {len(aside)}")
    for row in aside[:SHOWN_ASIDE]:
        click.echo(f"  line {row.line}: {row.reason}")
    if len(aside) > SHOWN_ASIDE:
        click.echo(f"  and {len(aside) - SHOWN_ASIDE} more")


def _report_awards(services: Services) -> None:
    """Say how many awards there are now, by achievement."""
    standing: Counter[str] = Counter()
    taken_back = 0
    query = AwardQuery(limit=200)
    with services.store.reading() as reading:
        while page := reading.awards(query):
            standing.update(award.name for award in page if award.status is AwardStatus.GRANTED)
            taken_back += sum(award.status is AwardStatus.REVOKED for award in page)
            query = AwardQuery(limit=200, after=page[-1].id)
    names = ", ".join(f"{name} {count}" for name, count in sorted(standing.items()))
    click.echo(f"Awards standing: {standing.total()}{f' ({names})' if names else ''}. Taken back: {taken_back}.")
