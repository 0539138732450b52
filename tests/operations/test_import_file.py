"""A file is imported in event time, once, whatever is wrong with some of its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.errors import Invalid
from milepost.operations.import_file import CHUNK, Imported, import_file
from milepost.operations.read_file import FileRow, read_file
from milepost.operations.save_achievement import save_achievement
from milepost.operations.save_people import save_actor, save_aliases
from milepost.operations.services import Services
from milepost.operations.tell_mapped import events_to_tell, save_mapped_people
from milepost.schemas.mapping_values import SourceMapping
from milepost.schemas.mappings import parse_mapping
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.records import AwardStatus

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAPPING: dict[str, Any] = {
    "source": "helpdesk",
    "events": [
        {
            "emit_when": [{"property": "state", "is": "solved"}],
            "id": "{number}-solved",
            "type": "ticket.solved",
            "actor": "{by}",
            "subject": "{number}",
            "occurred_at": {"path": "at"},
            "revised_at": {"path": "changed"},
            "properties": {"within_sla": {"path": "sla"}},
        },
        {
            "emit_when": [{"property": "reopens", "at_least": 1}],
            "id": "{number}-reopened-{reopens}",
            "type": "ticket.reopened",
            "subject": "{number}",
            "occurred_at": {"path": "at"},
            "once": True,
        },
    ],
    "actors": [{"id": "{by}", "name": "{by}", "team": {"path": "team"}}],
}
HEADER = "number,state,by,at,changed,sla,reopens,team"
FIRST_WIN = {
    "key": "first-win",
    "name": "First Win",
    "purpose": "A ticket that stays solved",
    "category": "quality",
    "criterion": {
        "kind": "count",
        "target": 1,
        "of": {
            "type": "ticket.solved",
            "where": [{"property": "sla", "is": "yes"}],
            "hold": {"cancelled_by": {"type": "ticket.reopened"}},
        },
    },
    "state": "live",
}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def mapping_of(document: dict[str, Any] = MAPPING, **keys: Any) -> SourceMapping:
    """Parse the mapping of this module, with some keys changed."""
    return parse_mapping({**document, **keys})


def write(tmp_path: Path, *rows: str, name: str = "export.csv") -> Path:
    """Write a table with the usual columns."""
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def solved(number: int, day: int, *, by: str = "ana", sla: str = "yes", hour: int = 10) -> str:
    """Write a row of a ticket solved in March 2026."""
    return f"{number},solved,{by},2026-03-{day:02d}T{hour:02d}:00:00Z,,{sla},,"


def reopened(number: int, day: int, *, times: int = 1, hour: int = 10) -> str:
    """Write a row of a ticket that was reopened."""
    return f"{number},open,,2026-03-{day:02d}T{hour:02d}:00:00Z,,,{times},"


def standing(services: Services, actor: str = "ana") -> list[str]:
    """Give the achievements that stand."""
    with services.store.reading() as reading:
        awards = reading.awards_of(None, Holder(HolderKind.ACTOR, actor))
        return [award.achievement for award in awards if award.status is AwardStatus.GRANTED]


def imported(services: Services, path: Path, mapping: SourceMapping | None = None) -> Imported:
    """Import a file by the mapping of this module."""
    return import_file(services, path, mapping or mapping_of())


def rule(services: Services) -> None:
    """Bring a rule into force that falls with a reopened ticket."""
    where = [{"property": "within_sla", "is": "yes"}]
    of = FIRST_WIN["criterion"]["of"] | {"where": where}  # type: ignore[index]
    save_achievement(services, FIRST_WIN | {"criterion": {"kind": "count", "target": 1, "of": of}}, author="Ops")


# ------------------------------------------------------------------ event time


def test_events_are_told_in_the_order_in_which_they_happened(services: Services, tmp_path: Path) -> None:
    """An award is earned when the first ticket was solved, although it stands last in the file."""
    rule(services)
    imported(services, write(tmp_path, solved(2, 9), solved(3, 5), solved(1, 2)))
    with services.store.reading() as reading:
        (award,) = reading.awards_of("first-win", Holder(HolderKind.ACTOR, "ana"))
        changes = reading.award_changes(award.id)
    assert award.evidence == ("1-solved",)
    assert [(change.change, change.at.day) for change in changes] == [("granted", 2)]


def test_a_later_row_of_a_record_takes_back_what_an_earlier_one_earned(services: Services, tmp_path: Path) -> None:
    """The history of the award says so, in event time."""
    rule(services)
    imported(services, write(tmp_path, reopened(1, 4), solved(1, 2)))
    with services.store.reading() as reading:
        (award,) = reading.awards_of("first-win", Holder(HolderKind.ACTOR, "ana"))
        changes = reading.award_changes(award.id)
    assert [(change.change, change.at.day) for change in changes] == [("granted", 2), ("revoked", 4)]


def test_a_record_told_again_later_is_judged_by_when_it_stood_so(services: Services, tmp_path: Path) -> None:
    """The SLA was found missed on the ninth, when the ticket was closed."""
    rule(services)
    rows = [
        "1,solved,ana,2026-03-02T10:00:00Z,2026-03-09T10:00:00Z,no,,",
        "1,solved,ana,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,yes,,",
    ]
    imported(services, write(tmp_path, *rows))
    with services.store.reading() as reading:
        (award,) = reading.awards_of("first-win", Holder(HolderKind.ACTOR, "ana"))
        changes = reading.award_changes(award.id)
    assert [(change.change, change.at.day) for change in changes] == [("granted", 2), ("revoked", 9)]


def test_tellings_of_one_event_keep_the_order_of_the_file(services: Services, tmp_path: Path) -> None:
    """Without a time of revision the last line is the newest, even where it names an earlier time."""
    imported(services, write(tmp_path, solved(1, 5, sla="no"), solved(2, 4), solved(1, 3, sla="yes")))
    with services.store.reading() as reading:
        record = reading.event("1-solved")
    assert record is not None
    assert (record.revision, record.event.occurred_at.day, record.event.properties) == (2, 3, {"within_sla": "yes"})


def test_the_first_telling_of_what_happened_once_stands(services: Services, tmp_path: Path) -> None:
    """A column that goes on showing a reopening does not move it."""
    path = write(tmp_path, reopened(1, 8), reopened(1, 4), reopened(1, 6), reopened(1, 9, times=2))
    imported(services, path)
    with services.store.reading() as reading:
        records = list(reading.events())
    assert [(one.event.id, one.event.occurred_at.day, one.revision) for one in records] == [
        ("1-reopened-1", 4, 1),
        ("1-reopened-2", 9, 1),
    ]


def test_old_events_count(services: Services, tmp_path: Path) -> None:
    """The late limit is for what is told late by mistake, not for an archive."""
    rule(services)
    imported(services, write(tmp_path, "1,solved,ana,2019-03-02T10:00:00Z,,yes,,"))
    assert standing(services) == ["first-win"]


def test_what_is_due_has_settled_in_the_end(services: Services, tmp_path: Path) -> None:
    """A hold that ended long ago is not left open."""
    hold = {"for": "PT72H", "cancelled_by": {"type": "ticket.reopened"}}
    criterion = {"kind": "count", "target": 1, "of": {"type": "ticket.solved", "hold": hold}}
    save_achievement(services, FIRST_WIN | {"criterion": criterion}, author="Ops")
    imported(services, write(tmp_path, solved(1, 2)))
    assert standing(services) == ["first-win"]


# ---------------------------------------------------------------- twice, halves


def test_importing_a_file_again_changes_nothing(services: Services, tmp_path: Path) -> None:
    """The same content by the same mapping is known."""
    path = write(tmp_path, solved(1, 2), "2,solved,ana,never,,,,")
    first = imported(services, path)
    again = imported(services, path)
    assert (first.events, first.told, first.is_repeat) == (1, 1, False)
    assert (again.told, again.is_repeat, again.set_aside) == (0, True, first.set_aside)


def test_a_newer_export_revises_what_has_changed(services: Services, tmp_path: Path) -> None:
    """The rows that say the same are replays."""
    imported(services, write(tmp_path, solved(1, 2), solved(2, 3)))
    imported(services, write(tmp_path, solved(1, 2), solved(2, 3, sla="no"), solved(3, 4), name="newer.csv"))
    with services.store.reading() as reading:
        revisions = {record.event.id: record.revision for record in reading.events()}
    assert revisions == {"1-solved": 1, "2-solved": 2, "3-solved": 1}


class Killed(BaseException):
    """The process ends in the middle of an import."""


def test_an_import_that_was_broken_off_goes_on_where_it_stopped(services: Services, tmp_path: Path) -> None:
    """No event is lost, and none is told again."""
    path = write(tmp_path, *(solved(number, 2 + number % 20) for number in range(CHUNK + 30)), "x,solved,ana,never,,,,")

    def kill(_told: int, _all: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        import_file(services, path, mapping_of(), on_progress=kill)
    steps: list[tuple[int, int]] = []
    done = import_file(services, path, mapping_of(), on_progress=lambda told, of: steps.append((told, of)))
    assert (done.events, done.told, len(done.set_aside)) == (CHUNK + 30, 30, 1)
    assert steps == [(CHUNK + 30, CHUNK + 30)]
    with services.store.reading() as reading:
        assert reading.event_types() == {"ticket.solved": CHUNK + 30}


# ----------------------------------------------------------------- bad rows


def test_rows_that_cannot_be_read_are_set_aside_with_line_and_reason(services: Services, tmp_path: Path) -> None:
    """The rest goes on."""
    path = write(tmp_path, solved(1, 2), "2,solved,ana,never,,,,", "too,short", "", solved(3, 4))
    done = imported(services, path)
    assert done.told == 2
    assert [(row.line, row.row) for row in done.set_aside] == [(3, "2,solved,ana,never,,,,"), (4, "too,short")]
    assert "'never'" in done.set_aside[0].reason
    assert "2 values, but there are 8 columns" in done.set_aside[1].reason


def test_an_event_that_has_not_happened_yet_is_set_aside(services: Services, tmp_path: Path) -> None:
    """A wrong year would otherwise wait for its day."""
    done = imported(services, write(tmp_path, "1,solved,ana,2062-03-02T10:00:00Z,,,,", solved(2, 3)))
    assert [row.line for row in done.set_aside] == [2]
    assert "has not happened yet" in done.set_aside[0].reason


def test_an_id_that_stands_for_something_else_is_set_aside(services: Services, tmp_path: Path) -> None:
    """Other rows of the same transaction are kept."""
    event = MAPPING["events"][0] | {"id": "{sla}"}
    mapping = mapping_of(events=[event])
    done = imported(services, write(tmp_path, solved(1, 2), solved(2, 3), solved(3, 4, sla="no")), mapping)
    assert [row.line for row in done.set_aside] == [3]
    with services.store.reading() as reading:
        assert [record.event.subject for record in reading.events()] == ["3", "1"]


# --------------------------------------------------------------------- people


def test_people_are_added_and_completed_but_never_overwritten(services: Services, tmp_path: Path) -> None:
    """A log is no authority on people."""
    save_actor(services, {"id": "ben", "name": "Ben Okafor"})
    rows = ["1,solved,ana,2026-03-02T10:00:00Z,,,,West", "2,solved,ben,2026-03-02T10:00:00Z,,,,West"]
    assert imported(services, write(tmp_path, *rows)).people == 2
    with services.store.reading() as reading:
        people = {actor.id: (actor.name, actor.profiles[0].team) for actor in reading.actors()}
        assert [team.id for team in reading.teams()] == ["West"]
    assert people == {"ana": ("ana", "West"), "ben": ("Ben Okafor", "West")}


def test_an_alias_of_the_source_is_the_person(services: Services, tmp_path: Path) -> None:
    """What the source calls ana is somebody known here."""
    save_actor(services, {"id": "ana@example.com", "name": "Ana Ruiz"})
    save_aliases(services, "ana@example.com", {"helpdesk": "ana"})
    rule(services)
    imported(services, write(tmp_path, solved(1, 2)))
    assert standing(services, "ana@example.com") == ["first-win"]
    with services.store.reading() as reading:
        assert [actor.id for actor in reading.actors()] == ["ana@example.com"]


def test_several_rows_of_one_person_are_put_together(services: Services) -> None:
    """Each may tell something; of two that differ the later row is the newer one."""
    rows = [{"id": "ana", "team": "West"}, {"id": "ana", "name": "Ana"}, {"id": "ana", "team": "East"}]
    assert save_mapped_people(services, "helpdesk", rows) == 1
    with services.store.reading() as reading:
        ana = reading.actor("ana")
    assert ana is not None
    assert (ana.name, [profile.team for profile in ana.profiles]) == ("Ana", ["East"])


def test_what_happened_once_is_told_once_of_one_payload(services: Services) -> None:
    """A payload may hold several rows that show it."""
    event = Event(id="1-reopened-1", type="ticket.reopened", occurred_at=NOW, subject="1")
    with services.store.reading() as reading:
        assert events_to_tell(reading, "helpdesk", [event, event], {event.id}) == [event]
        assert events_to_tell(reading, "helpdesk", [event, event], set()) == [event, event]


# --------------------------------------------------------------------- formats


def rows_of(tmp_path: Path, content: bytes, name: str = "rows.csv") -> list[FileRow]:
    """Write a file and read its rows."""
    path = tmp_path / name
    path.write_bytes(content)
    return list(read_file(path))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["bare", "marked"])
def test_tables_are_read_with_any_delimiter_and_mark(tmp_path: Path, delimiter: str, mark: bytes) -> None:
    """The header decides, outside quotation marks."""
    text = delimiter.join(['"a,;\t,;\tz"', "b", "c"]) + "\r\n" + delimiter.join(["1", '"x\ny"', "Zoë"]) + "\r\n"
    (row,) = rows_of(tmp_path, mark + text.encode())
    assert row.payload == {"a,;\t,;\tz": "1", "b": "x\ny", "c": "Zoë"}
    assert row.line == 2


def test_bytes_that_are_no_text_set_only_their_row_aside(tmp_path: Path) -> None:
    """One letter in an old encoding spoils one row."""
    rows = rows_of(tmp_path, b"a,b\n1,Zo\xeb\n2,fine\n3,\x00\n")
    assert [(row.line, row.payload) for row in rows] == [(2, None), (3, {"a": "2", "b": "fine"}), (4, None)]
    assert rows[0].problem == "it has bytes that are not UTF-8 text"
    assert rows[0].text == "1,Zo?"


def test_a_missing_quotation_mark_is_named(tmp_path: Path) -> None:
    """It swallows lines, so the reason says how far."""
    (row,) = rows_of(tmp_path, b'a,b\n1,"x\n2,y\n3,z\n')
    assert row.payload == {"a": "1", "b": "x\n2,y\n3,z\n"} or "quotation mark" in (row.problem or "")
    (row,) = rows_of(tmp_path, b'a,b,c\n1,"x\n2,y,z\n')
    assert (
        row.problem == "it has 2 values, but there are 3 columns; it runs to line 3, so a quotation mark may be missing"
    )


REFUSED = [
    (b"", "empty"),
    (b"a,a\n1,2\n", "more than one column 'a'"),
    ("a,b\n".encode("utf-16"), "UTF-16"),
    (b"Zo\xeb,b\n", "first line"),
    (b"[1,", "no JSON"),
]


@pytest.mark.parametrize(("content", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_a_file_of_which_nothing_can_be_read_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """The message says what to do with it."""
    with pytest.raises(Invalid, match=reason):
        rows_of(tmp_path, content)


def test_a_file_that_does_not_exist_is_refused(services: Services, tmp_path: Path) -> None:
    """No traceback, but a sentence."""
    with pytest.raises(Invalid, match=r"nowhere\.csv cannot be read"):
        imported(services, tmp_path / "nowhere.csv")


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.txt"])
def test_json_lines_are_read_line_by_line(tmp_path: Path, name: str) -> None:
    """A line that is no JSON is set aside."""
    rows = rows_of(tmp_path, b'\xef\xbb\xbf{"a": 1}\n\n{"a": \n{"a": 3}\n', name)
    assert [(row.line, row.payload) for row in rows] == [(1, {"a": 1}), (3, None), (4, {"a": 3})]
    assert "no JSON" in str(rows[1].problem)


def test_a_json_array_is_read_item_by_item(tmp_path: Path) -> None:
    """Its items are numbered from one."""
    rows = rows_of(tmp_path, b'[{"a": 1}, 2]', "rows.json")
    assert [(row.line, row.payload) for row in rows] == [(1, {"a": 1}), (2, 2)]


def test_json_may_wrap_its_rows(services: Services, tmp_path: Path) -> None:
    """The mapping says where they are; in a table there is no such place."""
    names = HEADER.split(",")
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"data": [dict(zip(names, solved(n, 2).split(","), strict=True)) for n in (1, 2)]}))
    assert imported(services, path, mapping_of(rows="data")).told == 2
    assert imported(services, write(tmp_path, solved(3, 4)), mapping_of(rows="data")).told == 1
