"""The mappings that come with the recipes read real exports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from milepost.engine.people import Holder, HolderKind
from milepost.operations.find_mapping import find_mapping
from milepost.operations.import_file import import_file
from milepost.operations.install_recipe import install_recipe
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.records import AwardStatus

DATA = Path(__file__).parents[2].parent / "shared" / "data"
INCIDENTS = DATA / "servicenow_incidents.csv"
PIPELINE, TEAMS = DATA / "crm_pipeline.csv", DATA / "crm_teams.csv"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOLVED = {"Resolved", "Closed"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real logs are not beside this checkout"),
]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def some_incidents(tmp_path: Path) -> tuple[Path, list[dict[str, str]]]:
    """Write every incident that was reopened, and one in eight of the others."""
    rows = rows_of(INCIDENTS)
    numbers = dict.fromkeys(row["number"] for row in rows)
    again = {row["number"] for row in rows if row["reopen_count"] != "0"}
    chosen = again | {number for place, number in enumerate(numbers) if place % 8 == 0}
    kept = [row for row in rows if row["number"] in chosen]
    path = tmp_path / "incidents.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)
    return path, kept


def moment(row: dict[str, str], column: str) -> datetime | None:
    """Read a day-first time without zone, for comparing only."""
    return None if row[column] == "?" else datetime.strptime(row[column], "%d-%m-%Y %H:%M")  # noqa: DTZ007


def expected_first_wins(rows: list[dict[str, str]]) -> set[str]:
    """Work out from the rows alone who has an incident that was solved within SLA and stays solved."""
    newest: dict[str, dict[str, str]] = {}
    reopened_at: dict[str, datetime] = {}
    reopenings: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda row: moment(row, "sys_updated_at") or NOW):
        number, reopening = row["number"], (row["number"], row["reopen_count"])
        if row["incident_state"] in SOLVED and row["resolved_by"] != "?":
            newest[number] = row
        elif row["incident_state"] not in SOLVED and row["reopen_count"] != "0" and reopening not in reopenings:
            reopenings.add(reopening)
            reopened_at[number] = moment(row, "sys_updated_at") or NOW.replace(tzinfo=None)
    winners = set()
    for number, row in newest.items():
        times = [time for column in ("resolved_at", "sys_updated_at") if (time := moment(row, column))]
        if row["made_sla"] == "TRUE" and not (number in reopened_at and reopened_at[number] > min(times)):
            winners.add(row["resolved_by"])
    return winners


def test_an_incident_log_gives_the_first_wins_that_its_rows_say(services: Services, tmp_path: Path) -> None:
    """Reopened incidents and missed SLAs take back what looked earned before."""
    install_recipe(services, "helpdesk-sla", author="Ops")
    path, rows = some_incidents(tmp_path)
    done = import_file(services, path, find_mapping(services, "servicenow-incidents"))
    assert done.set_aside == ()
    solvers = {row["resolved_by"] for row in rows if row["incident_state"] in SOLVED} - {"?"}
    with services.store.reading() as reading:
        types = reading.event_types()
        awards = [
            award
            for solver in sorted(solvers)
            for award in reading.awards_of("first-clean-solve", Holder(HolderKind.ACTOR, solver))
        ]
    standing = {award.holder.id for award in awards if award.status is AwardStatus.GRANTED}
    assert standing == expected_first_wins(rows)
    assert any(award.status is AwardStatus.REVOKED for award in awards)
    assert types["ticket.reopened"] >= 10
    assert types["ticket.solved"] == len({row["number"] for row in rows if row["incident_state"] in SOLVED})


def test_a_pipeline_gives_two_events_for_a_closed_deal(services: Services, tmp_path: Path) -> None:
    """And people with region and manager, from a list of their own."""
    install_recipe(services, "crm-hygiene", author="Ops")
    install_recipe(services, "sales-sequence", author="Ops")
    teams = import_file(services, TEAMS, find_mapping(services, "crm-teams"))
    assert (teams.events, teams.people, teams.set_aside) == (0, 35, ())
    lines = PIPELINE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "pipeline.csv"
    path.write_text("\n".join([lines[0], *lines[1::20]]) + "\n", encoding="utf-8")
    rows = rows_of(path)
    done = import_file(services, path, find_mapping(services, "crm-pipeline"))
    assert done.set_aside == ()
    with services.store.reading() as reading:
        types = reading.event_types()
        anna = reading.actor("Anna Snelling")
    assert types == {
        "deal.engaged": sum(bool(row["engage_date"]) for row in rows),
        "deal.closed": sum(row["deal_stage"] in {"Won", "Lost"} for row in rows),
    }
    assert anna is not None
    assert (anna.profiles[0].team, anna.profiles[0].manager) == ("Central", "Dustin Brinkmann")
