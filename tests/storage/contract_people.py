"""What every store promises about people, calendars, freezes and rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from milepost.engine.calendars import Calendar
from milepost.engine.people import Actor, Team
from milepost.storage.errors import AliasTaken, StoreConflict
from milepost.storage.records import AchievementVersion, FreezeRecord, MappingRecord
from milepost.storage.rehearsal import rehearsal
from milepost.storage.rule_log import first_break
from tests.storage.examples import ANA, BEN, FULL_ACTOR, FULL_CALENDAR, NOON, SUPPORT, hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Reading, Store, Transaction


def saved(reading: Reading, key: str | None = None) -> list[AchievementVersion]:
    """Give the versions as they were before the store gave them their places in the log."""
    return [replace(version, sequence=0, chained="") for version in reading.achievement_versions(key)]


class PeoplePromises:
    """People and rules come back as they were put."""

    def test_an_actor_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """With profiles, leave and pauses, after a restart."""
        with store.transaction() as change:
            change.put_actor(FULL_ACTOR)
            change.put_actor(Actor(BEN.id))
        with reopen().reading() as view:
            assert view.actor(ANA.id) == FULL_ACTOR
            assert view.actor(BEN.id) == Actor(BEN.id)
            assert view.actor("nobody") is None

    def test_an_actor_is_replaced_as_a_whole(self, store: Store) -> None:
        """Nothing of the earlier one is left, not even for the search."""
        with store.transaction() as change:
            change.put_actor(FULL_ACTOR)
            change.put_actor(Actor(ANA.id, "Ana Gil"))
        with store.reading() as view:
            assert view.actors() == [Actor(ANA.id, "Ana Gil")]
            assert view.actors(search="Ruíz") == []

    def test_actors_are_given_by_id_in_pages(self, store: Store) -> None:
        """Each page goes on after the last id of the one before."""
        people = [Actor(f"p{number:02}") for number in range(12)]
        with store.transaction() as change:
            for person in reversed(people):
                change.put_actor(person)
        with store.reading() as view:
            assert view.actors() == people
            assert view.actors(after="p03", limit=2) == people[4:6]
            assert view.actors(limit=0) == []

    @pytest.mark.parametrize(
        ("part", "found"),
        [
            ("ana", ["ana@example.com"]),
            ("ÜNAL", ["ben_100%@example.com"]),
            ("example", ["ana@example.com", "ben_100%@example.com"]),
            ("_100%", ["ben_100%@example.com"]),
            ("%", ["ben_100%@example.com"]),
            ("a_a", []),
            ("'", []),
            ("", ["ana@example.com", "ben_100%@example.com"]),
        ],
    )
    def test_search_matches_part_of_id_or_name(self, store: Store, part: str, found: list[str]) -> None:
        """Whatever the case, and signs mean themselves."""
        with store.transaction() as change:
            change.put_actor(Actor("ana@example.com", "Ana Ruíz"))
            change.put_actor(Actor("ben_100%@example.com", "Ben Ünal"))
        with store.reading() as view:
            assert [actor.id for actor in view.actors(search=part)] == found
            assert [actor.id for actor in view.actors(search=part, limit=1)] == found[:1]

    def test_aliases_lead_to_their_actor(self, store: Store) -> None:
        """One for each source; putting others leaves the rest."""
        with store.transaction() as change:
            change.put_actor(FULL_ACTOR)
            change.put_aliases(ANA.id, {"zendesk": "381", "hubspot": "ana-r"})
            change.put_aliases(ANA.id, {"zendesk": "382"})
        with store.reading() as view:
            assert view.aliases(ANA.id) == {"hubspot": "ana-r", "zendesk": "382"}
            assert view.actor_by_alias("zendesk", "382") == ANA.id
            assert view.actor_by_alias("zendesk", "381") is None
            assert view.actor_by_alias("hubspot", "382") is None

    def test_an_alias_of_another_actor_is_refused(self, store: Store) -> None:
        """It would move somebody's work; nothing of the call is done."""
        with store.transaction() as change:
            change.put_aliases(ANA.id, {"zendesk": "381"})
        with pytest.raises(AliasTaken) as refusal, store.transaction() as change:
            change.put_aliases(BEN.id, {"hubspot": "ben", "zendesk": "381"})
        assert (refusal.value.source, refusal.value.alias, refusal.value.actor) == ("zendesk", "381", ANA.id)
        with store.reading() as view:
            assert view.aliases(BEN.id) == {}
            assert view.actor_by_alias("zendesk", "381") == ANA.id

    def test_an_alias_can_be_taken_from_one_and_given_to_another(self, store: Store) -> None:
        """Both steps may be one transaction."""
        with store.transaction() as change:
            change.put_aliases(ANA.id, {"zendesk": "381", "hubspot": "ana"})
            change.remove_aliases(ANA.id, ["zendesk", "unknown"])
            change.put_aliases(BEN.id, {"zendesk": "381"})
        with store.reading() as view:
            assert view.actor_by_alias("zendesk", "381") == BEN.id
            assert view.aliases(ANA.id) == {"hubspot": "ana"}

    def test_teams_come_back_as_they_were_put(self, store: Store) -> None:
        """By id; a team put again is replaced."""
        support = Team("support", "Support", "Europe/Madrid", "late")
        with store.transaction() as change:
            change.put_team(Team("support"))
            change.put_team(support)
            change.put_team(Team("sales"))
        with store.reading() as view:
            assert view.team("support") == support
            assert view.teams() == [Team("sales"), support]
            assert view.team("nobody") is None

    def test_calendars_come_back_as_they_were_put(self, store: Store) -> None:
        """With shifts past midnight and own days off."""
        with store.transaction() as change:
            change.put_calendar(Calendar("late"))
            change.put_calendar(FULL_CALENDAR)
            change.put_calendar(Calendar())
        with store.reading() as view:
            assert view.calendar("late") == FULL_CALENDAR
            assert view.calendars() == [Calendar(), FULL_CALENDAR]
            assert view.calendar("nobody") is None

    def test_freezes_are_given_by_day(self, store: Store) -> None:
        """Of an achievement, of a holder, of both, or all."""
        late = FreezeRecord("tidy", ANA, date(2026, 3, 9), "ben", "training")
        early = FreezeRecord("tidy", ANA, date(2026, 3, 2), "ben")
        other = FreezeRecord("tidy", SUPPORT, date(2026, 3, 4), "ben")
        another = FreezeRecord("quick", ANA, date(2026, 3, 5), "ben")
        with store.transaction() as change:
            for freeze in (late, early, other, another):
                change.put_freeze(freeze)
        with store.reading() as view:
            assert view.freezes() == [early, other, another, late]
            assert view.freezes(achievement="tidy") == [early, other, late]
            assert view.freezes(holder=ANA) == [early, another, late]
            assert view.freezes(achievement="tidy", holder=ANA) == [early, late]

    def test_the_same_frozen_day_twice_is_one(self, store: Store) -> None:
        """As it was set last; removing it leaves none."""
        with store.transaction() as change:
            change.put_freeze(FreezeRecord("tidy", ANA, date(2026, 3, 9), "ben"))
            change.put_freeze(FreezeRecord("tidy", ANA, date(2026, 3, 9), "cleo", "training"))
            assert change.freezes() == [FreezeRecord("tidy", ANA, date(2026, 3, 9), "cleo", "training")]
            change.remove_freeze("tidy", ANA, date(2026, 3, 9))
            change.remove_freeze("tidy", ANA, date(2026, 3, 10))
            assert change.freezes() == []

    def test_achievement_versions_are_given_by_key_and_number(self, store: Store) -> None:
        """The documents come back as they were saved."""
        document = {"key": "tidy", "criterion": {"kind": "count", "target": 5, "share": 0.95}, "note": None, "l": [1]}
        one = AchievementVersion("tidy", 1, document, NOON, "ben")
        two = AchievementVersion("tidy", 2, {}, hours(1), "ana", "lower target", past="keep", starts_at=hours(-1))
        ten = AchievementVersion("tidy", 10, {}, hours(2), "ana")
        other = AchievementVersion("clean", 1, {}, NOON, "ben")
        with store.transaction() as change:
            for version in (ten, one, two, other):
                change.put_achievement_version(version)
        with store.reading() as view:
            assert saved(view) == [other, one, two, ten]
            assert saved(view, "tidy") == [one, two, ten]
            assert saved(view, "nothing") == []

    def test_all_rule_changes_are_one_chained_log(self, store: Store) -> None:
        """In the order in which they were made, over all achievements and transactions."""
        keys = ["tidy", "clean", "tidy"]
        for number, key in enumerate(keys, start=1):
            with store.transaction() as change:
                change.put_achievement_version(AchievementVersion(key, number, {"b": 1, "a": 2.5}, NOON, "ben"))
        with store.reading() as view:
            log = sorted(view.achievement_versions(), key=lambda version: version.sequence)
        assert [(version.sequence, version.key) for version in log] == list(enumerate(keys, start=1))
        assert first_break(log) is None
        assert first_break([log[0], replace(log[1], author="eve"), log[2]]) == replace(log[1], author="eve")
        assert first_break([log[0], log[2]]) == log[2]

    def test_a_version_is_never_overwritten(self, store: Store) -> None:
        """Awards name the version they were earned under."""
        with store.transaction() as change:
            change.put_achievement_version(AchievementVersion("tidy", 1, {"target": 5}, NOON, "ben"))
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_achievement_version(AchievementVersion("tidy", 1, {"target": 4}, NOON, "ana"))
        with store.reading() as view:
            assert saved(view) == [AchievementVersion("tidy", 1, {"target": 5}, NOON, "ben")]

    def test_every_change_of_people_takes_another_word(self, store: Store, reopen: Callable[[], Store]) -> None:
        """What was made of them may be remembered as long as the word is the same, and no longer."""
        changes: list[Callable[[Transaction], None]] = [
            lambda change: change.put_actor(Actor(ANA.id)),
            lambda change: change.put_actor(FULL_ACTOR),
            lambda change: change.put_team(Team("support")),
            lambda change: change.put_calendar(FULL_CALENDAR),
            lambda change: change.put_freeze(FreezeRecord("tidy", ANA, date(2026, 3, 2), "ops")),
            lambda change: change.remove_freeze("tidy", ANA, date(2026, 3, 2)),
        ]
        words = set()
        for make_change in changes:
            with store.transaction() as change:
                make_change(change)
                words.add(change.people_token())
        assert len(words - {None}) == len(changes)
        with reopen().reading() as view:
            assert view.people_token() in words

    def test_every_change_of_a_rule_takes_another_word(self, store: Store) -> None:
        """A change that is undone leaves the word of what is kept."""
        for number in (1, 2):
            with store.transaction() as change:
                before = change.rules_token()
                change.put_achievement_version(AchievementVersion("tidy", number, {"target": number}, NOON, "ben"))
                kept = change.rules_token()
                assert kept not in {None, before}
        with rehearsal(store) as change:
            change.put_achievement_version(AchievementVersion("tidy", 3, {"target": 3}, NOON, "ben"))
            assert change.rules_token() != kept
        with store.reading() as view:
            assert view.rules_token() == kept

    def test_mappings_come_back_as_they_were_put(self, store: Store) -> None:
        """By source; one put again is replaced."""
        crm = MappingRecord("crm", {"events": [{"type": "deal.won"}]}, "crm-hygiene")
        with store.transaction() as change:
            change.put_mapping(MappingRecord("crm"))
            change.put_mapping(crm)
            change.put_mapping(MappingRecord("agile", {}))
        with store.reading() as view:
            assert view.mapping("crm") == crm
            assert view.mappings() == [MappingRecord("agile", {}), crm]
            assert view.mapping("nothing") is None
