"""In which words each kind of news is told, to whom, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milepost.delivery.message import Message
from milepost.engine.events import Event
from milepost.engine.facts import Past
from milepost.operations.decide_award import review_award, revoke_award
from milepost.operations.disable_place import disable_place
from milepost.operations.discuss_review import answer_question, ask_about_award
from milepost.operations.expire_reviews import expire_reviews
from milepost.operations.save_achievement import save_achievement
from milepost.operations.void_event import void_event
from milepost.operations.word_correction import what_happened
from milepost.storage.records import AwardQuery
from tests.operations.composing import ANA, BOSS, ONE, SUPPORT, TellingWorld, at, telling_world, texts

STREAK = {"kind": "streak", "each": {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}}, "target": 50}
REVIEWED = {"review": "manager", "audience": {"actor": "instant"}}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Open an empty store, reached by people under an address."""
    with telling_world(tmp_path, public_url="https://milepost.example", contact="ops@example.com") as made:
        yield made


def told(world: TellingWorld, moment: Any, recipient: Any = ANA) -> Message:
    """Let the clock go on, and give what somebody was told last."""
    world.go_to(moment)
    return world.messages(recipient)[-1]


def details(message: Message) -> list[str | None]:
    """Give what is said smaller."""
    return [line.detail for section in message.sections for line in section.lines]


def award_id(world: TellingWorld) -> str:
    """Give the id of the one award."""
    with world.store.reading() as reading:
        [award] = reading.awards(AwardQuery())
    return award.id


def test_a_manager_and_a_team_are_told_who_earned_what(world: TellingWorld) -> None:
    audience = {"actor": "never", "manager": "instant", "team": "instant"}
    world.rule(
        ONE, audience=audience, message="{{ actor.first_name }} solved one.", tiers=[{"name": "Gold", "target": 1}]
    )
    world.earn(at(2, 10))
    message = told(world, at(2, 11), BOSS)
    assert (texts(message), details(message)) == (["Ana Diaz earned Steady (Gold)."], ["Ana solved one."])
    message = world.messages(SUPPORT)[-1]
    assert (texts(message), details(message)) == (["Ana Diaz earned Steady (Gold)."], [None])


def test_an_award_of_a_team_is_told_to_the_team(world: TellingWorld) -> None:
    world.rule(ONE, scope="team", audience={"team": "instant"}, points=3)
    world.earn(at(2, 10))
    message = told(world, at(2, 11), SUPPORT)
    assert message.title == "Support earned Steady"
    assert details(message) == ["Why it matters: Keep promises. 3 points."]
    assert message.footer == "This is shared with the team Support. To change what is shared, ask ops@example.com."


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("void", "What was told of ticket-9 was taken back, so Steady of 2 March no longer counts."),
        ("revise", "What was told of ticket-9 has changed, so Steady of 2 March no longer counts."),
    ],
)
def test_a_correction_names_what_became_of_the_record(world: TellingWorld, change: str, why: str) -> None:
    world.rule({**ONE, "of": {"type": "ticket.solved", "where": [{"property": "sla", "is": "true"}]}})
    event = world.earn(at(2, 10), 9, sla="true")
    world.go_to(at(2, 11))
    if change == "void":
        void_event(world.services, event.id, told_by="test")
    else:
        world.earn(at(2, 10), 9, sla="false")
    assert texts(told(world, at(2, 12))) == [why]


def test_an_award_taken_back_by_a_person_comes_with_the_persons_reason(world: TellingWorld) -> None:
    world.rule(ONE)
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    revoke_award(world.services, award_id(world), reason="it was Ben's ticket", told_by="Bo")
    message = told(world, at(2, 12))
    assert (texts(message), details(message)) == (
        ["Steady of 2 March was taken back."],
        ["The reason given: it was Ben's ticket."],
    )


def test_a_correction_after_a_changed_rule_blames_nobody(world: TellingWorld) -> None:
    world.rule(ONE)
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    document = {"key": "steady", "name": "Steady", "purpose": "Keep promises", "category": "volume", "state": "live"}
    harder = {**document, "criterion": {**ONE, "target": 5}}
    save_achievement(world.services, harder, author="Ops", note="Too easy", past=Past.RECOMPUTE)
    message = told(world, at(2, 12))
    assert texts(message) == ["What it was earned for no longer holds, so Steady of 2 March no longer counts."]


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        ("ticket.reopened", "4711", "Ticket 4711 was reopened"),
        ("ticket.reopened", "Ticket #4711", "Ticket #4711 was reopened"),
        ("deal.lost", None, "A deal was lost"),
        ("ping", "4711", "More became known of 4711"),
        ("ticket.solved", "4711", "More became known of 4711"),
    ],
)
def test_what_happened_is_half_a_sentence(world: TellingWorld, kind: str, subject: str | None, words: str) -> None:
    world.earn(at(2, 10), 9)
    world.tell(Event("later", kind, at(2, 11), None, subject))
    with world.store.reading() as reading:
        record = reading.event("later")
        assert record is not None
        assert what_happened(reading, record, ["zd-9-solved"]) == words


def test_a_streak_at_risk_is_an_offer_and_no_alarm(world: TellingWorld) -> None:
    world.rule(STREAK, next_step="Solve one before you leave.")
    world.choose(messages={"timings": {"streak.at_risk": "instant"}})
    for day in (2, 3):
        world.earn(at(day, 10), day)
    world.go_to(at(4, 16))
    message = told(world, at(4, 16, 1))
    assert message.title == "Steady is still open"
    assert texts(message)[0].startswith("Steady stands at 2 working days in a row. The next one is open until ")
    assert details(message) == ["Next: Solve one before you leave."]


def test_a_broken_streak_is_history_and_a_beginning(world: TellingWorld) -> None:
    world.rule(STREAK)
    for day in (2, 3, 4):
        world.earn(at(day, 10), day)
    world.go_to(at(16, 16))
    message = told(world, at(17, 9))
    assert message.sections[0].heading == "Also"
    assert texts(message) == ["3 working days in a row of Steady are in the history. The next one begins a new streak."]


def test_a_reviewer_is_asked_with_a_link_that_decides_nothing_by_itself(world: TellingWorld) -> None:
    world.rule(ONE, **REVIEWED, message="{{ actor.first_name }} solved one.")
    world.earn(at(2, 10))
    message = told(world, at(2, 11), BOSS)
    assert message.title == "Please review Steady for Ana Diaz"
    assert texts(message) == ["Ana Diaz reached Steady. It counts once it is confirmed; please decide by 16 March."]
    assert details(message) == ["Ana solved one."]
    assert [one.label for one in message.actions] == ["Review Steady for Ana Diaz", "Open in Milepost"]
    assert message.actions[0].url.startswith("https://milepost.example/review/")
    assert (message.footer or "").startswith("You get this because you are asked about an award.")
    assert world.messages() == []


def test_a_question_about_an_award_and_its_answer_reach_the_right_person(world: TellingWorld) -> None:
    world.rule(ONE, **REVIEWED)
    world.earn(at(2, 10))
    world.go_to(at(2, 11))
    ask_about_award(world.services, award_id(world), question="Was it the printer?", to=None, told_by=BOSS.id)
    message = told(world, at(2, 12))
    assert message.title == "A question about Steady"
    assert texts(message) == ["Somebody who reviews Steady asks: Was it the printer?"]
    answer_question(world.services, award_id(world), answer="It was.", told_by=ANA.id)
    assert details(told(world, at(2, 13), BOSS)) == ["The answer to the question: It was."]


def test_an_award_that_was_not_confirmed_is_told_with_the_note(world: TellingWorld) -> None:
    world.rule(ONE, **REVIEWED)
    world.earn(at(2, 10))
    review_award(world.services, award_id(world), decision="rejected", note="It came back by phone", told_by=BOSS.id)
    message = told(world, at(2, 11))
    assert texts(message) == ["Steady of 2 March was not confirmed in review."]
    assert details(message) == ["The reason given: It came back by phone."]
    assert world.messages(BOSS) == []  # it was decided before anybody was asked


def test_an_award_nobody_decided_about_is_told_without_blame(world: TellingWorld) -> None:
    world.rule(ONE, **REVIEWED)
    world.earn(at(2, 10))
    for day in (10, 17, 27):
        world.now = at(day, 10)
        expire_reviews(world.services)
    message = told(world, at(27, 11))
    assert texts(message) == ["Steady of 2 March does not count for now: nobody decided in time."]
    assert details(message) == ["It can still be confirmed."]


def test_whoever_looks_after_a_place_hears_that_it_stopped(world: TellingWorld) -> None:
    world.place(name="Ana in Slack")
    world.place("sub_mail", transport="email", address="", recipient=None)
    with world.store.transaction() as tx:
        tx.lock_everything()
        place = tx.subscription("sub_1")
        assert place is not None
        disable_place(tx, place, "The channel is no more.", at=world.now, settings=world.settings)
    message = told(world, at(2, 11))
    assert message.title == "Messages to Ana in Slack have stopped"
    assert texts(message) == ["Messages no longer go to Ana in Slack. The channel is no more."]
    assert world.places_told() == ["sub_mail"]
    assert (message.footer or "").startswith("You get this because you look after a place that messages go to.")


def test_messages_have_no_links_where_nobody_said_how_to_reach_the_server(tmp_path: Path) -> None:
    with telling_world(tmp_path) as world:
        world.rule(ONE)
        world.earn(at(2, 10))
        message = told(world, at(2, 11))
    assert (message.actions, message.pixel) == ((), None)
    assert message.footer is not None
    assert message.footer.endswith("ask whoever looks after Milepost.")
