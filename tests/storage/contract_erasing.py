"""What every store promises about rows found by what stands in them, and about what grew old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from milepost.engine.people import Actor
from milepost.storage.outbox import AttentionRecord, DeliveryQuery
from milepost.storage.records import AchievementVersion, FreezeRecord
from milepost.storage.rehearsal import rehearsal
from milepost.storage.rule_log import first_break
from tests.storage.examples import ANA, BEN, FULL_ACTOR, NOON, award, earning, hours, put, step, told
from tests.storage.examples_telling import attempt, message, owed, place, sent

if TYPE_CHECKING:
    from milepost.storage.base import Store

Row = Mapping[str, Any]


def without_ana(table: str, row: Row) -> Row | None:
    """Write another word in Ana's place, and drop her names in source systems."""
    if table == "aliases":
        return None
    return {name: value.replace(ANA.id, "x-1") if isinstance(value, str) else value for name, value in row.items()}


def without_messages(table: str, row: Row) -> Row | None:
    """Drop messages and nothing else."""
    return None if table == "messages" else row


def fill(store: Store) -> None:
    """Have Ana in every kind of row that may hold her."""
    put(store, told("zd-1", subject="s"), told("ana@example.com-2"), told("ana@example.com-2", revision=2))
    put(
        store, told("zd-3", actor=None, subject="s"), told("zd-4", actor=BEN.id, properties={"to": ["ANA@example.com"]})
    )
    with store.transaction() as change:
        change.put_actor(FULL_ACTOR)
        change.put_actor(Actor(BEN.id))
        change.put_aliases(ANA.id, {"zendesk": "7"})
        change.put_award(award("aw_ana@example.com", evidence=("ana@example.com-2",)), step("aw_ana@example.com"))
        change.put_award(award("aw_2", holder=BEN), step("aw_2"))
        change.replace_earnings("clean-close", ANA, None, [earning()])
        change.set_due("clean-close", ANA, "2026-W10", NOON)
        change.put_freeze(FreezeRecord("clean-close", ANA, NOON.date(), set_by="k_1"))
        change.put_answer("k_1 POST /v1/actors", "key", "f", ANA.id, NOON)


class ErasingPromises:
    """Rows are found by what stands in them, rewritten together, and forgotten by age."""

    def test_every_row_that_holds_a_text_is_found_whatever_the_case(self, store: Store) -> None:
        """By its table, with all columns; what else is found does no harm."""
        fill(store)
        with store.reading() as view:
            found = list(view.mentions(["Ana@Example.COM"]))
            assert list(view.mentions([])) == []
        tables = {table for table, _ in found}
        assert {"events", "other_revisions", "belongs", "actors", "aliases", "awards", "earnings"} <= tables
        assert {"dues", "freezes", "answers"} <= tables
        assert {row["id"] for table, row in found if table == "events"} == {"zd-1", "ana@example.com-2", "zd-4"}

    def test_a_text_is_found_however_its_special_characters_are_written(self, store: Store) -> None:
        """A pattern's own signs, and letters beyond ASCII, stand for themselves at least."""
        texts = ["50%_off", "Ruíz", "王伟", 'the "boss"', "back\\slash"]
        put(store, *(told(f"zd-{place}", properties={"x": text}) for place, text in enumerate(texts)))
        with store.reading() as view:
            for place, text in enumerate(texts):
                found = {row["id"] for table, row in view.mentions([text]) if table == "events"}
                assert f"zd-{place}" in found, text

    def test_rewritten_rows_keep_together(self, store: Store) -> None:
        """What refers to a row that gets another key follows it, and whose an event is stays right."""
        fill(store)
        with store.transaction() as change:
            counts = change.rewrite(change.mentions([ANA.id]), without_ana)
        with store.reading() as view:
            assert [table for table, row in view.mentions([ANA.id]) if ANA.id in str(row)] == []
            assert [record.revision for record in view.revisions("x-1-2")] == [1, 2]
            assert [one.event.id for one in view.owned(["x-1"], ["ticket.solved"], ["ticket.solved"])] == [
                *("x-1-2", "zd-1", "zd-3"),
            ]
            (kept,) = view.awards_of(None, replace(ANA, id="x-1"))
            assert (kept.id, kept.evidence) == ("aw_x-1", ("x-1-2",))
            assert len(view.award_changes("aw_x-1")) == 1
            assert view.aliases("x-1") == {}
            assert view.event(ANA.id) is None
        assert (counts["aliases"], counts["other_revisions"]) == (1, 1)
        assert store.check() is None

    def test_what_refers_to_a_row_that_goes_goes_with_it(self, store: Store) -> None:
        """Also by way of another; what refers to others stays."""
        with store.transaction() as change:
            change.put_subscription(place())
            for number, recipient in ((1, ANA), (2, BEN)):
                change.put_message(message(f"msg_{number}", recipient=recipient))
                change.put_delivery(sent(f"dl_{number}", message_id=f"msg_{number}"))
                change.put_attempt(attempt(delivery_id=f"dl_{number}"))
                change.put_attention(AttentionRecord(f"msg_{number}", "opened", NOON, NOON))
            counts = change.rewrite(change.mentions([ANA.id]), without_messages)
        assert counts == {"messages": 1, "deliveries": 1, "attempts": 1, "attention": 1}
        with store.reading() as view:
            assert [view.message(one) is None for one in ("msg_1", "msg_2")] == [True, False]
            assert [one.id for one in view.deliveries(DeliveryQuery())] == ["dl_2"]
            assert [len(view.attempts(one)) for one in ("dl_1", "dl_2")] == [0, 1]
            assert [one.message_id for one in view.attention(["msg_1", "msg_2"])] == ["msg_2"]
        assert store.check() is None

    def test_rows_are_found_by_the_value_of_a_column(self, store: Store) -> None:
        """With all columns, as they are found by what stands in them; no value finds no row."""
        with store.transaction() as change:
            for name in ("a", "b", "c"):
                change.put_owed(owed(name))
        with store.reading() as view:
            found = view.having("owed", "topic", ["a", "c", "d"])
            assert [(table, row["topic"]) for table, row in found] == [("owed", "a"), ("owed", "c")]
            assert [one for one in view.mentions([ANA.id]) if one[0] == "owed" and one[1]["topic"] != "b"] == found
            assert view.having("owed", "topic", []) == []

    def test_rewriting_lets_servers_look_anew(self, store: Store) -> None:
        """Whatever they remember of people and rules is of another state."""
        fill(store)
        with store.transaction() as change:
            before = change.people_token(), change.rules_token()
            change.rewrite(change.mentions([ANA.id]), without_ana)
            after = change.people_token(), change.rules_token()
        assert before[0] != after[0]
        assert before[1] != after[1]

    def test_the_log_of_rule_changes_is_chained_again_where_it_is_rewritten(self, store: Store) -> None:
        """Over what its rows say then."""
        with store.transaction() as change:
            for number, author in enumerate(("Ops", ANA.id, "Ops"), start=1):
                change.put_achievement_version(AchievementVersion("own", number, {"n": number}, NOON, author))
            change.rewrite(change.mentions([ANA.id]), without_ana)
            versions = change.achievement_versions()
        assert [version.author for version in versions] == ["Ops", "x-1", "Ops"]
        assert first_break(versions) is None

    def test_rewriting_is_undone_with_its_transaction(self, store: Store) -> None:
        """All of it or nothing."""
        fill(store)
        with rehearsal(store) as change:
            change.rewrite(change.mentions([ANA.id]), without_ana)
        with store.reading() as view:
            assert view.actor(ANA.id) == FULL_ACTOR
            assert view.aliases(ANA.id) == {"zendesk": "7"}

    def test_old_answers_to_repeated_calls_are_forgotten(self, store: Store) -> None:
        """Those from before the moment, and no others."""
        with store.transaction() as change:
            for number in (0, 1, 2):
                change.put_answer("scope", f"key-{number}", "f", "200\n{}", hours(number))
            change.drop_answers(before=hours(1))
            assert [change.answer("scope", f"key-{number}") is None for number in (0, 1, 2)] == [True, False, False]

    def test_old_tellings_that_do_not_count_are_forgotten(self, store: Store) -> None:
        """The counting one stays, however old."""
        put(store, told("zd-1"), told("zd-1", revision=2, received_at=hours(1)))
        put(store, told("zd-1", revision=3, received_at=hours(2)), told("zd-2"))
        with store.transaction() as change:
            assert change.old_tellings(before=hours(1)) == 1
            change.drop_tellings(before=hours(1))
            assert [record.revision for record in change.revisions("zd-1")] == [2, 3]
            assert change.event("zd-2") is not None

    def test_aged_events_are_those_whose_answer_is_whole(self, store: Store) -> None:
        """By id, some at a time; one of which only the outcome is left is done with."""
        whole, trimmed = '{"event_id":"x"}', '{"outcome":"counted"}'
        put(store, *(told(f"zd-{number}", answer=whole) for number in (1, 2, 3)), told("zd-4", answer=trimmed))
        put(store, told("zd-5", answer=whole, received_at=hours(1)), told("zd-6"))
        with store.reading() as view:
            first = view.aged_events(before=hours(1), after="", limit=2)
            rest = view.aged_events(before=hours(1), after="zd-2", limit=2)
        assert [record.event.id for record in (*first, *rest)] == ["zd-1", "zd-2", "zd-3"]

    def test_the_newest_telling_of_everybody_is_known(self, store: Store) -> None:
        """Whether it counts or not; who never told anything is not there."""
        put(store, told("zd-1"), told("zd-2", received_at=hours(3), voided_at=hours(4)), told("zd-3", actor=None))
        put(store, told("zd-4", actor=BEN.id, received_at=hours(1)))
        with store.reading() as view:
            assert view.last_told() == {ANA.id: hours(3), BEN.id: NOON + timedelta(hours=1)}

    def test_a_compacted_store_goes_on(self, store: Store) -> None:
        """With everything it had."""
        fill(store)
        store.compact()
        put(store, told("zd-9"))
        with store.reading() as view:
            assert view.actor(ANA.id) == FULL_ACTOR
            assert view.event("zd-9") is not None
        assert store.check() is None
