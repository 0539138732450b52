"""The real log of a service desk as a quarter: its four busy weeks told again and again, a later month each time.

The log thins out after four weeks, for it follows the incidents of one week to their end. So a quarter is its busy
weeks three times and a week more, each time with other incidents and the same people, who choose other things.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from milepost.engine.events import Event
from milepost.operations.find_mapping import read_mapping_file
from milepost.schemas.mapped import RowReader

ROOT = Path(__file__).parents[2]
LOG = ROOT.parent / "shared" / "data" / "servicenow_incidents.csv"
MAPPING = ROOT / "recipes" / "helpdesk-sla" / "mappings" / "servicenow-incidents.json"
#: A Monday; the busy weeks are the four from here on.
BEGINS = datetime(2016, 2, 29, tzinfo=UTC)
ROUND = timedelta(weeks=4)
WEEKS = 13
_DATE = re.compile(r"\d\d-\d\d-\d{4} \d\d:\d\d")
_FORMAT = "%d-%m-%Y %H:%M"

Row = dict[str, str]


@dataclass(frozen=True)
class Telling:
    """An event, and when the desk told it."""

    at: datetime
    event: Event


def quarter(rows: list[Row], weeks: int) -> list[Telling]:
    """Give what is told in so many weeks, in order."""
    found: list[Telling] = []
    for number in range(-(-weeks // 4)):
        found += _told(_later(rows, number))
    end = BEGINS + timedelta(weeks=weeks)
    return sorted((one for one in found if BEGINS <= one.at < end), key=lambda one: (one.at, one.event.id))


def read_log() -> list[Row]:
    """Read the rows of the busy weeks; people get addresses, which nobody has in the log."""
    with LOG.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "resolved_by": address(row["resolved_by"])} for row in csv.DictReader(file)]
    return [row for row in rows if _moment(row["sys_updated_at"]) < (BEGINS + ROUND).replace(tzinfo=None)]


def part_of(rows: list[Row], one_in: int) -> list[Row]:
    """Give the rows of some teams only, for a shorter run."""
    return [row for row in rows if row["assignment_group"] != "?" and number_in(row["assignment_group"]) % one_in == 0]


def address(name: str) -> str:
    """Make an address of a name such as *Resolved by 62*."""
    return f"agent-{number_in(name):04}@example.com" if name != "?" else name


def number_in(name: str) -> int:
    """Give the number at the end of a name such as *Group 70*."""
    return int(name.rsplit(maxsplit=1)[-1])


def teams_of(rows: list[Row]) -> Mapping[str, str]:
    """Give everybody who solved something the assignment group in which they solved most."""
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["resolved_by"] != "?" and row["assignment_group"] != "?":
            groups[row["resolved_by"]][row["assignment_group"]] += 1
    return {person: min(of, key=lambda group: (-of[group], group)) for person, of in sorted(groups.items())}


def _later(rows: list[Row], number: int) -> Iterator[Row]:
    """Give the rows so many rounds later, on the same weekdays and hours, of other incidents."""
    for row in rows:
        moved = {name: _moved(value, number) for name, value in row.items()}
        yield {**moved, "number": f"{row['number']}-{number}"}


@cache
def _moved(value: str, number: int) -> str:
    return (_moment(value) + number * ROUND).strftime(_FORMAT) if _DATE.fullmatch(value) else value


@cache
def _moment(text: str) -> datetime:
    return datetime.strptime(text, _FORMAT)  # noqa: DTZ007 - the log names no zone; the mapping does


def _told(rows: Iterator[Row]) -> Iterator[Telling]:
    """Map the rows as a webhook would; of what is told once, the first telling stands."""
    mapping = read_mapping_file(MAPPING)
    reader, known = RowReader(mapping), set[str]()
    for row in sorted(rows, key=lambda row: _moment(row["sys_updated_at"])):
        mapped = reader.read_payload(row)
        assert not mapped.problems
        for event in mapped.events:
            if event.id not in known or event.id not in mapped.once:
                known.add(event.id)
                yield Telling(max(event.revised_at or event.occurred_at, event.occurred_at), event)
