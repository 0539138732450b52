"""What comes in digests: to a person, a manager, a team, each exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.engine.events import Event
from milepost.engine.telling import NewsKind
from milepost.operations.owe_coaching import owe_coaching
from milepost.operations.void_event import void_event
from tests.operations.composing import ANA, BOSS, EACH, HELD, ONE, SUPPORT, TellingWorld, at, telling_world, texts

DAILY = {"actor": "daily", "manager": "never", "team": "never"}
WEEKLY = {"actor": "never", "manager": "weekly", "team": "weekly"}
COLLEAGUES = ("Ben", "Cara", "Dan", "Eve")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Open an empty store in which Ana works for the support team."""
    with telling_world(tmp_path) as made:
        yield made


def solve(world: TellingWorld, name: str, number: int) -> None:
    """Let a colleague solve a ticket now."""
    world.tell(Event(f"zd-{number}", "ticket.solved", world.now, f"{name.lower()}@example.com", f"ticket-{number}"))


def hire_colleagues(world: TellingWorld) -> None:
    """Make the team one of five."""
    for name in COLLEAGUES:
        world.hire(f"{name.lower()}@example.com", name=name)


def test_a_day_is_told_once_on_the_next_morning(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, audience=DAILY)
    world.earn(at(2, 10), 1)
    world.earn(at(2, 16), 2)
    for hour in (17, 20):
        world.go_to(at(2, hour))
    for hour in (8, 9, 12):
        world.go_to(at(3, hour))
    [record] = world.records()
    assert (record.form, record.period, record.composed_at) == ("daily", "2026-03-02", at(3, 9))
    [message] = world.messages()
    assert message.title == "Your Monday, 2 March"
    assert message.text == "You earned Steady (2 times)."
    assert texts(message) == ["Ana solved a ticket in time."] * 2


def test_what_comes_too_late_for_a_digest_waits_for_the_next(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, audience=DAILY)
    for day in (2, 3):
        world.earn(at(day, 10), day)
        world.go_to(at(day + 1, 9))
    assert [one.period for one in world.records()] == ["2026-03-02", "2026-03-03"]


def test_the_digest_of_days_without_a_worker_comes_once_in_working_hours(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, audience=DAILY)
    for day in (2, 3, 4):
        world.earn(at(day, 10), day)
    world.go_to(at(5, 20))
    assert world.messages() == []
    world.go_to(at(6, 9))
    assert len(world.messages()) == 1
    assert len(texts(world.messages()[0])) == 3


def test_a_manager_hears_weekly_what_their_people_earned(world: TellingWorld) -> None:
    world.hire("ben@example.com", name="Ben Koch")
    world.rule(ONE, **EACH, audience=WEEKLY)
    world.now = at(2)
    solve(world, "Ben", 3)
    world.earn(at(3, 10), 1)
    world.go_to(at(9, 8))
    assert world.go_to(at(9, 9)) == 2
    [message] = world.messages(BOSS)
    assert message.title == "Your week of 2 to 8 March"
    assert message.sections[0].heading == "Your people earned"
    assert texts(message) == ["Ana Diaz earned Steady.", "Ben Koch earned Steady."]
    assert message.sections[0].lines[0].detail == "Ana solved a ticket in time."
    assert message.footer is not None
    assert message.footer.startswith("You get this because you are the manager of the people it is about.")


def test_a_manager_of_many_gets_a_line_for_each_person(world: TellingWorld) -> None:
    world.hire("ben@example.com", name="Ben Koch")
    world.rule(ONE, **EACH, audience=WEEKLY)
    for number in range(5):
        world.earn(at(2, 10 + number), number)
    solve(world, "Ben", 9)
    world.go_to(at(9, 9))
    assert texts(world.messages(BOSS)[0]) == ["Ana Diaz: Steady (5 times)", "Ben Koch: Steady"]


def test_a_team_hears_names_without_numbers_while_it_is_small(world: TellingWorld) -> None:
    world.hire("ben@example.com", name="Ben")
    world.rule(ONE, repeats="every_target", audience=WEEKLY)
    for number in range(3):
        world.earn(at(2, 10), number)
    solve(world, "Ben", 9)
    world.go_to(at(9, 9))
    [message] = world.messages(SUPPORT)
    assert texts(message) == ["Steady: Ana Diaz and Ben"]
    assert message.text == "What there is to share in the team Support."
    assert message.title == "Support: week of 2 to 8 March"


def test_a_team_of_five_hears_the_total_and_nobody_is_put_before_another(world: TellingWorld) -> None:
    hire_colleagues(world)
    world.rule(ONE, repeats="every_target", audience=WEEKLY)
    for number, name in enumerate(("Eve", "Eve", "Eve", "Ben")):
        solve(world, name, number)
    world.go_to(at(9, 9))
    [message] = world.messages(SUPPORT)
    assert texts(message) == ["Steady: Ben and Eve", "4 achievements earned"]
    assert message.text == "4 achievements earned."


@pytest.mark.parametrize("choice", [{"visibility": "private"}, {"opt_out": True}])
def test_who_goes_private_between_earning_and_telling_is_not_named_to_the_team(
    world: TellingWorld, choice: dict[str, object]
) -> None:
    hire_colleagues(world)
    world.rule(ONE, repeats="every_target", audience=WEEKLY)
    for number, name in enumerate(("Ben", "Eve")):
        solve(world, name, number)
    world.choose("eve@example.com", **choice)
    world.go_to(at(9, 9))
    [message] = world.messages(SUPPORT)
    assert texts(message) == ["Steady: Ben"]


def test_who_opts_out_between_earning_and_telling_hears_nothing_and_neither_does_the_manager(
    world: TellingWorld,
) -> None:
    world.rule(ONE, audience={"actor": "instant", "manager": "instant", "team": "instant"})
    world.earn(at(2, 10))
    world.choose(opt_out=True)
    world.go_to(at(9, 9))
    world.choose(opt_out=False)
    world.go_to(at(16, 9))
    assert world.messages() == world.messages(BOSS) == world.messages(SUPPORT) == []


def test_the_persons_own_digest_shows_what_is_within_reach(world: TellingWorld) -> None:
    world.rule(ONE, audience=DAILY)
    criterion = {"kind": "count", "target": 4, "window": "week", "of": {"type": "ticket.solved"}}
    world.rule(criterion, key="four", name="Four a Week", repeats="every_window", audience=DAILY)
    world.earn(at(2, 10), 1)
    world.earn(at(2, 11), 2)
    world.go_to(at(3, 9))
    section = world.messages()[0].sections[-1]
    assert section.heading == "Within reach next"
    assert section.lines[0].text == "Four a Week: 2 more by 8 March"


def test_the_persons_own_digest_shows_the_streaks_that_are_kept(world: TellingWorld) -> None:
    each = {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}}
    world.rule({"kind": "streak", "each": each, "target": 3}, audience=DAILY)
    for day in (2, 3, 4):
        world.earn(at(day, 10), day)
    world.go_to(at(5, 9))
    [message] = world.messages()
    assert ("Streaks", "Steady: 3 working days in a row") in [
        (one.heading, line.text) for one in message.sections for line in one.lines
    ]


def test_a_correction_goes_by_the_timing_by_which_the_award_was_told(world: TellingWorld) -> None:
    world.rule({"kind": "count", "target": 1, "of": HELD}, audience=DAILY)
    world.earn(at(2, 10), 9)
    for moment in (at(2, 12), at(3, 9)):
        world.go_to(moment)
    world.reopen(at(2, 10, 30), 9, told_at=at(3, 12))
    world.go_to(at(3, 16))
    assert world.forms() == ["daily"]
    world.go_to(at(4, 9))
    assert world.forms() == ["daily", "daily"]
    assert world.messages()[-1].text == "1 correction."


def test_an_award_that_flaps_within_a_day_is_told_as_it_stands_in_the_end(world: TellingWorld) -> None:
    world.rule({"kind": "count", "target": 1, "of": HELD}, audience=DAILY)
    world.earn(at(2, 10), 9)
    world.go_to(at(2, 12))
    for number in range(3):
        event = world.reopen(at(2, 10, 30), 9, told_at=at(2, 13, number))
        void_event(world.services, event.id, told_by="test")
        world.go_to(world.now + timedelta(seconds=10))
    world.go_to(at(3, 9))
    [message] = world.messages()
    assert texts(message) == ["You earned Steady."]


def test_a_digest_is_news_so_that_a_flow_can_deliver_it(world: TellingWorld) -> None:
    world.rule(ONE, audience=DAILY)
    world.earn(at(2, 10))
    world.go_to(at(3, 9))
    [news] = [one for one in world.news() if one.kind is NewsKind.DIGEST_READY]
    document = news.document
    assert news.holder == ANA
    assert (document["recipient"], document["recipient_kind"]) == (ANA.id, "actor")
    assert (document["form"], document["period"]) == ("daily", "2026-03-02")
    assert document["message_id"] == world.records()[0].id
    assert document["slack"]["blocks"][0]["text"]["text"] == document["title"] == "Your Monday, 2 March"
    assert document["teams"]["type"] == "message"


def test_a_manager_is_given_what_there_is_to_talk_about(world: TellingWorld) -> None:
    criterion = {"kind": "count", "target": 1, "window": "week", "of": {"type": "ticket.solved"}}
    world.rule(criterion, repeats="every_window", audience=WEEKLY)
    for week, day in enumerate((2, 9, 16)):
        world.earn(at(day, 10), week)
    world.go_to(at(21))
    owe_coaching(world.services)
    world.go_to(at(23, 9))
    message = world.messages(BOSS)[-1]
    assert message.text == "Your people earned 3 achievements; notes for your talks."
    assert message.sections[-1].heading == "Ana Diaz"


def test_a_manager_of_whom_there_is_nothing_to_say_gets_no_empty_digest(world: TellingWorld) -> None:
    world.now = at(9, 8)
    assert owe_coaching(world.services) == 1
    assert world.go_to(at(9, 9)) == 0
    assert world.go_to(at(9, 10)) == 0
    assert world.owed() == []
