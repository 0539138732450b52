"""What people choose for themselves holds: timings, places, quiet hours, days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from milepost.operations.compose_messages import compose_all
from milepost.operations.save_people import add_leave, save_actor
from milepost.storage.outbox import SubscriptionStatus
from tests.operations.composing import ANA, BOSS, EACH, HELD, ONE, SUPPORT, TellingWorld, at, telling_world

AWARDED = "achievement.awarded"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Open an empty store with a rule whose awards Ana hears of at once."""
    with telling_world(tmp_path) as made:
        made.rule(ONE, **EACH)
        yield made


@pytest.mark.parametrize(
    ("wish", "form", "moment"),
    [("daily", "daily", at(3, 9)), ("weekly", "weekly", at(9, 9)), ("instant", "instant", at(2, 10, 1))],
)
def test_a_person_may_want_to_hear_less_often(world: TellingWorld, wish: str, form: str, moment: Any) -> None:
    world.choose(messages={"timings": {AWARDED: wish}})
    world.earn(at(2, 10))
    for time in (at(2, 10, 1), at(3, 9), at(9, 9)):
        world.go_to(time)
    assert (world.forms(), world.moments()) == ([form], [moment])


def test_nobody_hears_sooner_than_the_rule_says(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, key="weekly", name="Weekly", audience={"actor": "weekly"})
    world.choose(messages={"timings": {AWARDED: "instant"}})
    world.earn(at(2, 10))
    world.go_to(at(3, 10))
    assert [one.title for one in world.messages()] == ["You earned Steady"]


@pytest.mark.parametrize("messages", [{"timings": {AWARDED: "never"}}, {"mutes": [{"kind": AWARDED}]}])
def test_what_a_person_does_not_want_to_hear_is_not_told_later_either(
    world: TellingWorld, messages: dict[str, Any]
) -> None:
    world.choose(messages=messages)
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    world.choose(messages={"timings": {}, "mutes": []})
    world.go_to(at(16, 11))
    assert world.messages() == []


def test_quiet_hours_and_lunch_are_left_alone(world: TellingWorld) -> None:
    world.choose(messages={"quiet": [{"begins": "12:00", "ends": "13:30"}]})
    world.earn(at(2, 12))
    world.go_to(at(2, 13, 29))
    assert world.messages() == []
    world.go_to(at(2, 13, 30))
    assert world.moments() == [at(2, 13, 30)]


def test_who_wants_to_hear_at_night_does(world: TellingWorld) -> None:
    world.choose(messages={"outside_working_hours": True})
    world.earn(at(2, 23))
    world.go_to(at(2, 23, 1))
    assert world.moments() == [at(2, 23, 1)]


def test_nobody_is_told_on_leave_be_it_announced_afterwards(world: TellingWorld) -> None:
    world.earn(at(2, 20))
    world.go_to(at(2, 21))
    add_leave(world.services, ANA.id, {"first_on": "2026-03-03", "last_on": "2026-03-20"})
    for day in range(3, 23):
        world.go_to(at(day, 12))
    world.go_to(at(23, 9))
    assert world.moments() == [at(23, 9)]


def test_leave_that_is_cancelled_keeps_nobody_waiting_for_long(world: TellingWorld) -> None:
    add_leave(world.services, ANA.id, {"first_on": "2026-03-02", "last_on": "2026-03-30"})
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    save_actor(world.services, {"id": ANA.id, "leave": []})
    world.go_to(at(3, 11))
    assert world.moments() == [at(3, 11)]


def test_the_morning_begins_on_the_persons_own_clock_also_when_clocks_change(world: TellingWorld) -> None:
    save_actor(world.services, {"id": ANA.id, "zone": "Europe/Madrid"})
    world.earn(at(27, 20))  # a Friday; on Sunday the clocks go forward
    world.go_to(at(30, 6, 59))
    assert world.messages() == []
    world.go_to(at(30, 7))
    assert world.moments() == [at(30, 7)]


def test_a_message_goes_to_each_place_of_the_person_but_the_muted_ones(world: TellingWorld) -> None:
    world.place("sub_slack")
    world.place("sub_mail", transport="email", address="", recipient=None)
    world.place("sub_teams", transport="teams", events=("streak.broken",))
    world.place("sub_rule", achievements=("steady",))
    world.place("sub_off", status=SubscriptionStatus.DISABLED)
    world.place("sub_team", audience="team", recipient=SUPPORT)
    world.choose(messages={"mutes": [{"transport": "email"}]})
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    assert world.places_told() == ["sub_rule", "sub_slack"]


def test_who_mutes_everything_finds_it_in_the_feed(world: TellingWorld) -> None:
    world.place("sub_slack")
    world.choose(messages={"mutes": [{}]})
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    assert len(world.messages()) == 1
    assert world.places_told() == []


def test_digests_can_be_muted_at_one_kind_of_place(world: TellingWorld) -> None:
    world.place("sub_slack")
    world.place("sub_hook", transport="webhook")
    wishes = {"timings": {AWARDED: "daily"}, "mutes": [{"kind": "digest.ready", "transport": "slack"}]}
    world.choose(messages=wishes)
    world.earn(at(2, 10))
    world.go_to(at(3, 11))
    assert world.places_told() == ["sub_hook"]


def test_two_composers_at_once_tell_everything_once(world: TellingWorld) -> None:
    for number in range(6):
        world.hire(f"p{number}@example.com", name=f"P {number}", manager=ANA.id)
    world.rule(ONE, **EACH, key="shared", name="Shared", audience={"manager": "instant", "team": "instant"})
    world.earn(at(2, 10))
    world.now += timedelta(seconds=6)
    composed: list[int] = []
    composers = [Thread(target=lambda: composed.append(compose_all(world.services))) for _ in range(4)]
    for one in composers:
        one.start()
    for one in composers:
        one.join()
    assert sum(composed) == 3
    assert len(world.messages()) == len(world.messages(SUPPORT)) == 1


def test_what_was_told_in_a_digest_is_corrected_in_one(world: TellingWorld) -> None:
    world.rule({**ONE, "of": HELD}, key="held", name="Held")
    world.choose(messages={"timings": {AWARDED: "daily"}})
    world.earn(at(2, 10), 9)
    for moment in (at(2, 11), at(3, 9)):
        world.go_to(moment)
    world.choose(messages={"timings": {}})
    world.reopen(at(2, 10, 30), 9, told_at=at(3, 12))
    world.go_to(at(3, 13))
    assert world.forms() == ["daily"]
    world.go_to(at(4, 9))
    assert world.forms() == ["daily", "daily"]


def test_what_may_be_told_sooner_after_all_does_not_make_a_second_digest_of_a_day(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, audience={"actor": "daily"})
    world.choose(messages={"timings": {AWARDED: "weekly"}})
    for hour in (10, 12):
        world.earn(at(2, hour), hour)
        world.go_to(at(2, hour))
    world.choose(messages={"timings": {}})
    for hour in (10, 11, 12, 13):
        world.go_to(at(3, hour))
    assert world.moments() == [at(3, 10)]
    world.go_to(at(4, 9))
    assert [one.period for one in world.records()] == ["2026-03-02", "2026-03-03"]


def test_a_manager_who_opts_out_hears_nothing_of_what_was_owed(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, key="shared", name="Shared", audience={"manager": "instant"})
    world.earn(at(2, 10))
    world.choose(BOSS.id, opt_out=True)
    world.go_to(at(2, 11))
    assert world.messages(BOSS) == []
    assert world.owed() == []


def test_digests_do_not_spend_the_budget_of_a_day(tmp_path: Path) -> None:
    with telling_world(tmp_path, daily_messages=1) as world:
        world.rule(ONE, **EACH, audience={"actor": "daily"})
        world.earn(at(2, 10), 1)
        world.go_to(at(3, 9))
        world.rule(ONE, **EACH, key="now", name="Now")
        world.earn(at(3, 10), 2)
        world.go_to(at(3, 11))
        assert world.forms() == ["daily", "instant"]
