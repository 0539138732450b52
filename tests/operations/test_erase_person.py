"""Nothing names an erased person any more, and everything counted with their work comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.errors import Invalid, NotFound
from milepost.operations.back_up import back_up
from milepost.operations.decide_award import note_award, revoke_award
from milepost.operations.erase_person import erase_person
from milepost.operations.give_award import give_award
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import save_achievement
from milepost.operations.save_people import save_actor, save_team
from milepost.operations.services import Services
from milepost.operations.show_progress import show_progress
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.records import AwardRecord, AwardStatus, FreezeRecord, ImportRecord, KeyRecord, SetAside
from milepost.storage.rule_log import first_break
from milepost.storage.tables import METADATA

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ANA = "ana@example.com"
#: Each of these is in the store before, and nowhere after.
NAMES = ("ana@example.com", "Ana Ruíz", "U02ANA77", "Ana,", "Ana solved", "RUÍZ")
SUPPORT = Holder(HolderKind.TEAM, "support")
SOLVED = {"kind": "count", "target": 2, "window": "week", "of": {"type": "ticket.solved"}}
BEST = {
    "kind": "best",
    "direction": "highest",
    "measure": {"of": {"type": "ticket.solved"}, "aggregate": "count"},
    "among": "team",
    "minimum_participants": 3,
    "window": "week",
}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def rule(services: Services, key: str, criterion: dict[str, Any], **more: Any) -> None:
    """Save a rule and bring it into force."""
    named = {"key": key, "name": key.title(), "purpose": "Keep promises", "category": "volume", "state": "live"}
    save_achievement(services, {**named, "criterion": criterion, **more}, author="Ops", note=f"asked for by {ANA}")


def tell(services: Services, event_id: str, actor: str | None, *, day: int = 3, **more: Any) -> dict[str, Any]:
    """Tell that a ticket was solved in March 2026."""
    fields: dict[str, Any] = {"type": "ticket.solved", "subject": event_id, **more}
    event = Event(id=event_id, occurred_at=datetime(2026, 3, day, 10, tzinfo=UTC), actor=actor, **fields)
    return record_event(services, event, told_by="test")


@pytest.fixture
def busy(services: Services) -> Services:
    """Have a team of four, with rules for persons, the team and comparisons, and Ana everywhere in it."""
    save_team(services, {"id": "support"})
    for name in ("bob", "cleo", "joana"):
        save_actor(services, {"id": f"{name}@example.com", "team": "support", "manager": ANA})
    save_actor(services, {"id": ANA, "name": "Ana Ruíz", "team": "support", "aliases": {"slack": "U02ANA77"}})
    rule(services, "own", SOLVED, message="{{ actor.first_name }} solved {{ progress.current }}.", points=3)
    rule(services, "together", {**SOLVED, "target": 6}, scope="team")
    rule(services, "fastest", BEST, award_at="close")
    streak = {"kind": "streak", "each": {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}}, "target": 3}
    rule(services, "streak", streak)
    for day in (2, 3, 4):
        tell(services, f"zd-a{day}", ANA, day=day, properties={"owner": "Ana Ruíz", "reviewers": {ANA: 1}, "cc": [ANA]})
        tell(services, f"zd-b{day}", "bob@example.com", day=day, properties={"reviewer": "ANA@Example.com"})
        tell(services, f"zd-c{day}", "cleo@example.com", day=day, properties={"text": "thanks, ana ruíz!"})
    tell(services, "zd-j", "joana@example.com", properties={"to": "joana@example.com"})
    tell(services, f"{ANA}_2026-03-05", ANA, day=5, subject=f"day of {ANA}")
    tell(services, "zd-a2", ANA, day=2, properties={"owner": "Ana Ruíz", "csat": 5})
    tell(services, "zd-loose", None, subject="zd-a3", type="ticket.rated")
    give_award(
        services, achievement="own", holder=Holder(HolderKind.ACTOR, ANA), award_id=f"hand {ANA}", points=1,
        note="Ana, well done", evidence=("zd-a2",), told_by="k_1",
    )  # fmt: skip
    with services.store.transaction() as tx:
        tx.put_answer(f"k_1 PUT /v1/actors/{ANA}", "key", "f", '200\n{"id": "ana@example.com"}', NOW)
        tx.put_import(
            ImportRecord("i", f"{ANA}.csv", "crm", 1, 1), [SetAside("i", 2, "no date", f"Ana Ruíz;{ANA};U02ANA77")]
        )
        tx.put_freeze(FreezeRecord("streak", Holder(HolderKind.ACTOR, ANA), NOW.date(), ANA, "Ruíz asked for it"))
        tx.put_key(KeyRecord("k_9", f"flow of {ANA}", "d", "hint", frozenset({"read"}), NOW))
        tx.put_answer("k_1 POST /v1/awards", "other", "f", "200\n{}", NOW)
    return services


def standing(services: Services, *, without: str) -> set[tuple[str, str, str, int, str]]:
    """Give all awards of everybody but one person."""
    return {
        (one.achievement, one.holder.id, one.slot, one.points, one.status.value)
        for one in _awards(services)
        if not one.holder.id.startswith(without)
    }


def _awards(services: Services) -> list[AwardRecord]:
    with services.store.reading() as reading:
        keys = {version.key for version in reading.achievement_versions()}
        return [one for key in keys for holder in reading.holders(key) for one in reading.awards_of(key, holder)]


def granted(services: Services) -> list[AwardRecord]:
    """Give the awards that stand."""
    return [one for one in _awards(services) if one.status is AwardStatus.GRANTED]


def everything(services: Services) -> str:
    """Give all rows of all tables as one text."""
    with services.store.reading() as reading:
        rows = [row for name in METADATA.tables for page in reading.pages(name) for row in page]
    return "\n".join(str(value) for row in rows for value in row.values())


def test_nothing_names_the_person_any_more(busy: Services, tmp_path: Path) -> None:
    """In no row, and in no byte of any file of the store."""
    before = everything(busy).casefold()
    assert [name for name in NAMES if name.casefold() not in before] == []
    erase_person(busy, "Ana@example.com", confirm=ANA)
    after = everything(busy).casefold().replace("joana@example.com", "")
    assert [name for name in NAMES if name.casefold() in after] == []
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir()).lower().replace(b"joana@example.com", b"")
    found = [name for name in NAMES for form in (name, name.casefold()) if form.encode() in raw]
    assert found == []


def test_what_others_have_stays_as_it_was(busy: Services) -> None:
    """The team's total and award, the colleagues' awards, and who was the best."""
    team, others = show_progress(busy, SUPPORT), standing(busy, without=ANA)
    erase_person(busy, ANA, confirm=ANA)
    assert verify(busy).differences == ()
    assert busy.store.check() is None
    assert show_progress(busy, SUPPORT) == team
    assert standing(busy, without="erased-") == others
    assert ("together", "support") in {(key, holder) for key, holder, *_ in others}


def test_the_pseudonym_keeps_what_was_earned(busy: Services) -> None:
    """Awards, points and streak are the same, under a word nobody can guess."""
    before = [(one.achievement, one.slot.split(":")[0], one.points) for one in _awards(busy) if one.holder.id == ANA]
    erase_person(busy, ANA, confirm=ANA)
    mine = [one for one in _awards(busy) if one.holder.id.startswith("erased-")]
    assert sorted((one.achievement, one.slot.split(":")[0], one.points) for one in mine) == sorted(before)
    with busy.store.reading() as reading:
        (person,) = [actor for actor in reading.actors() if actor.id.startswith("erased-")]
    assert (person.name, person.profiles[0].team) == (None, "support")
    assert {one.holder.id for one in mine} == {person.id}


def test_the_history_of_rules_holds_together(busy: Services) -> None:
    """The person was named in it, so it is chained anew, and the answer says so."""
    notes = erase_person(busy, ANA, confirm=ANA)["notes"]
    with busy.store.reading() as reading:
        assert first_break(reading.achievement_versions()) is None
    assert any("history of rules" in note for note in notes)


def test_what_is_told_again_of_the_person_changes_nothing(busy: Services) -> None:
    """A nightly sync brings neither the name back nor a second count; a colleague may take the record over."""
    erase_person(busy, ANA, confirm=ANA)
    again = tell(busy, "zd-a3", ANA, day=3, properties={"owner": "Ana Ruíz"})
    assert (again["replayed"], again["event_id"]) == (True, "zd-a3")
    assert ANA not in everything(busy).replace(f"jo{ANA}", "")
    taken = tell(busy, "zd-a3", "bob@example.com", day=3)
    assert taken["outcome"] == "revised"


def test_somebody_told_of_with_something_new_is_a_new_person(busy: Services) -> None:
    """With nothing of what was before."""
    erase_person(busy, ANA, confirm=ANA)
    answer = tell(busy, "zd-new", ANA, day=16)
    assert (answer["outcome"], answer["points_total"]) == ("counted", 0)


def test_nobody_is_erased_by_mistake(busy: Services) -> None:
    """Only by the id twice, and only who is known; somebody erased is not."""
    before = everything(busy)
    with pytest.raises(Invalid, match="once more"):
        erase_person(busy, ANA, confirm="bob@example.com")
    with pytest.raises(NotFound):
        erase_person(busy, "nobody@example.com", confirm="nobody@example.com")
    assert everything(busy) == before
    erase_person(busy, ANA, confirm=ANA)
    with pytest.raises(NotFound):
        erase_person(busy, ANA, confirm=ANA)


def test_decisions_about_an_award_stay_and_their_words_are_rid_of_the_name(busy: Services) -> None:
    """A revocation is no less one because the reason named somebody."""
    (award,) = [one for one in _awards(busy) if one.note]
    note_award(busy, award.id, note="Ruíz asked for it", told_by="k_1")
    revoke_award(busy, award.id, reason="Ana asked for it", told_by="k_1")
    erase_person(busy, ANA, confirm=ANA)
    (award,) = [one for one in _awards(busy) if one.note]
    assert (award.status, award.decision) == (AwardStatus.REVOKED, "revoked")
    assert "asked for it" in (award.note or "")
    with busy.store.reading() as reading:
        assert [change.change for change in reading.award_changes(award.id)] == ["granted", "noted", "revoked"]


def test_a_short_id_is_put_out_of_what_is_the_persons_own(services: Services) -> None:
    """Elsewhere, the same word may mean something else: a tier, a ticket, a colleague's remark."""
    rule(services, "own", {**SOLVED, "target": 1}, message="{{ actor.first_name }} did it.")
    save_actor(services, {"id": "gold", "name": "Gold", "aliases": {"crm": "7"}})
    tell(services, "gold-1", "gold", properties={"owner": "gold", "metal": "gold ring", "amount": "7"})
    tell(services, "zd-7", "bob@example.com", properties={"metal": "pure gold", "amount": "7", "owner": "gold"})
    erase_person(services, "gold", confirm="gold")
    with services.store.reading() as reading:
        (own,) = [record.event for record in reading.events() if record.event.id != "zd-7"]
        bobs = reading.event("zd-7")
        (award,) = reading.awards_of("own", Holder(HolderKind.ACTOR, own.actor or ""))
    assert bobs is not None
    assert own.id.startswith("erased-")
    assert (own.properties["owner"], own.properties["amount"]) == (own.actor, "7")
    assert (bobs.event.properties["metal"], bobs.event.properties["amount"]) == ("pure gold", "7")
    assert bobs.event.properties["owner"] == own.actor
    assert award.message == f"{own.actor} did it."
    assert verify(services).differences == ()


def test_a_number_as_an_id_is_replaced_only_where_it_names_somebody(services: Services) -> None:
    """``7`` is also an amount, and half of a ticket's number."""
    rule(services, "own", {**SOLVED, "target": 1})
    tell(services, "zd-7", "7", properties={"amount": 7, "text": "7"})
    erase_person(services, "7", confirm="7")
    with services.store.reading() as reading:
        record = reading.event("zd-7")
        assert [actor.id.startswith("erased-") for actor in reading.actors()] == [True]
    assert record is not None
    assert record.event.properties == {"amount": 7, "text": "7"}
    assert verify(services).differences == ()
    assert [one.holder.id.startswith("erased-") for one in _awards(services)] == [True]


def test_an_id_made_of_an_events_content_is_replaced_too(services: Services) -> None:
    """Whoever tries a list of names would find which of them it was made with."""
    made = f"ev_{'0123456789abcdef' * 2}"
    save_team(services, {"id": "support"})
    save_actor(services, {"id": ANA, "team": "support"})
    rule(services, "together", {**SOLVED, "target": 1}, scope="team")
    tell(services, made, ANA)
    assert made in everything(services)
    erase_person(services, ANA, confirm=ANA)
    assert made not in everything(services)
    assert verify(services).differences == ()
    (award,) = _awards(services)
    assert award.evidence[0].startswith("ev_")


def test_backups_and_files_put_aside_are_named(services: Services, tmp_path: Path) -> None:
    """The answer says what still holds the person, and until when."""
    save_actor(services, {"id": ANA})
    back_up(services)
    (tmp_path / "milepost.db.before-0003").touch()
    (note,) = [note for note in erase_person(services, ANA, confirm=ANA)["notes"] if "backup" in note]
    assert "milepost.db.backups: one a day goes, the last of the 1 by" in note
    assert "2026-03-27" in note
    assert "milepost.db.before-0003" in note


def test_leave_and_the_part_in_comparisons_are_kept(services: Services) -> None:
    """Without her leave the streak would break; without her opt-out she would be the best."""
    save_team(services, {"id": "support"})
    for name in ("bob", "cleo", "dan"):
        save_actor(services, {"id": f"{name}@example.com", "team": "support"})
    leave = [{"first_on": "2026-03-04", "last_on": "2026-03-05"}]
    save_actor(services, {"id": ANA, "team": "support", "leave": leave, "preferences": {"opt_out": True}})
    daily = {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}}
    rule(services, "streak", {"kind": "streak", "each": daily, "target": 4})
    rule(services, "fastest", BEST, award_at="close")
    for day in (2, 3, 6, 9):
        tell(services, f"zd-a{day}", ANA, day=day)
    for name in ("bob", "cleo", "dan"):
        tell(services, f"zd-{name}", f"{name}@example.com", day=3)
    best = [one.holder.id for one in granted(services) if one.achievement == "fastest"]
    assert sorted(best) == ["bob@example.com", "cleo@example.com", "dan@example.com"]
    erase_person(services, ANA, confirm=ANA)
    assert verify(services).differences == ()
    standing_now = {(one.achievement, one.holder.id[:7]) for one in granted(services)}
    assert standing_now == {
        ("streak", "erased-"),
        *(("fastest", f"{name}@example"[:7]) for name in ("bob", "cleo", "dan")),
    }
