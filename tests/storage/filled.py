"""A store in which every table holds something, with what is hard to carry: gaps, fractions, other scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milepost.engine.people import Actor, Team
from milepost.storage.records import (
    AchievementVersion,
    FreezeRecord,
    ImportRecord,
    KeyRecord,
    MappingRecord,
    PeriodRecord,
    SetAside,
)
from tests.storage.examples import ANA, BEN, FULL_ACTOR, FULL_CALENDAR, NOON, SUPPORT, award, earning, hours, step, told
from tests.storage.filled_telling import fill_telling

if TYPE_CHECKING:
    from milepost.storage.base import Store, Transaction

DOCUMENT = {
    "key": "clean-close",
    "name": "Clean Close · 綺麗",
    "points": 5,
    "share": 0.1,
    "nested": {"b": 1, "a": None},
}


def fill(store: Store) -> None:
    """Put something into every table, in one transaction."""
    with store.transaction() as change:
        _tell(change)
        _describe_people(change)
        _set_rules(change)
        _award(change)
        _run(change)
        fill_telling(change)


def _tell(change: Transaction) -> None:
    hard = {
        "note": 'two\nlines, "quoted" \\ \x1f 🎉',
        "amount": 1e300,
        "whole": 2**60,
        "z": 1,
        "a": [1.0, 1, True, None],
    }
    change.put_event(told("zd-1", subject="t1", properties=hard, answer='{"z": 1,  "a": 2.50}', told_by="k1"))
    change.put_event(told("zd-1", revision=2, subject="t1", properties={"note": "later"}, revised_at=hours(1)))
    change.put_stale_revision(told("zd-1", revision=3, subject="t1", fingerprint="f3", revised_at=hours(0.5)))
    change.put_event(told("zd-2", type="ticket.reopened", actor=None, subject="t1"))
    change.put_event(told("Zd-10", voided_at=hours(3), actor=BEN.id))
    change.put_event(told("äd-3", too_late=True, actor="ben"))


def _describe_people(change: Transaction) -> None:
    change.put_actor(FULL_ACTOR)
    change.put_actor(Actor("Ünal", "İpek"))
    change.put_aliases(ANA.id, {"zendesk": "77", "slack": "U02ABC"})
    change.put_team(Team("support", "Support", "Europe/Madrid", "late"))
    change.put_team(Team("bare"))
    change.put_calendar(FULL_CALENDAR)
    change.put_freeze(FreezeRecord("tidy", ANA, NOON.date(), "boss", None))


def _set_rules(change: Transaction) -> None:
    change.put_achievement_version(AchievementVersion("tidy", 1, DOCUMENT, NOON, "Ops"))
    change.put_achievement_version(AchievementVersion("clean-close", 1, DOCUMENT, NOON, "Ops", "why", 0, "keep", NOON))
    change.put_achievement_version(AchievementVersion("tidy", 2, DOCUMENT, hours(1), "Ops", "again"))
    change.put_mapping(MappingRecord("zendesk", {"events": [{"type": "ticket.solved"}]}, "helpdesk-sla"))


def _award(change: Transaction) -> None:
    for holder, windows in ((SUPPORT, ("2026-W11", "2026-W10")), (ANA, ("ever", "2026-W10"))):
        ordinals = [
            earning(window, ordinal, holder=holder, value=0.1 * ordinal) for window in windows for ordinal in (2, 1)
        ]
        change.replace_earnings("clean-close", holder, None, ordinals)
    change.put_award(award("aw_9"), step("aw_9"))
    change.put_award(award("aw_1", tier="Gold", rule_version=None, note="seen"), step(cause=None))
    change.put_award(award("aw_9", decision="revoked", decided_by="ben"), step("aw_9", "revoked", at=hours(2)))
    change.put_award(award("aw_9"), step("aw_9", "restored", at=hours(1)))
    change.put_periods("tidy", ANA, [PeriodRecord("2026-03-02", 2, NOON, None, '[["x"]]')])
    change.set_due("clean-close", ANA, "2026-W10", hours(5))


def _run(change: Transaction) -> None:
    change.put_key(KeyRecord("k1", "Zapier", "d" * 64, "x9Q4", frozenset({"evaluate", "read"}), NOON, None, hours(1)))
    change.put_import(ImportRecord("i1", "deals.csv", "crm", 500, 1), [SetAside("i1", 17, "no date", "a;'b';🙂")])
    change.put_answer("POST /v1/awards k1", "abc", "f1", '{"b": 1.0,  "a": "first"}', NOON)
