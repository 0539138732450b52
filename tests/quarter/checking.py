"""Hold what arrived, and what is kept, against what had to be."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from milepost.delivery.block_kit import slack_payload
from milepost.delivery.message import message_of
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import NewsKind
from milepost.storage.outbox import MessageForm, MessageRecord
from tests.quarter.expecting import Change, Expected, clockwork_of, expect, most_a_day
from tests.quarter.living import Life
from tests.quarter.receiving import EVERYTHING, path_of

#: Sections of a digest that tell of awards; the others tell of streaks, of what is within reach, of people's weeks.
OF_AWARDS = {"Earned", "Corrected", "Your people earned", "Corrected, of your people", "Earned in the team"}
_TIMES = re.compile(r"\((\d+) times\)$")


@dataclass
class Outcome:
    """What came of a life, read once."""

    life: Life

    @cached_property
    def messages(self) -> list[MessageRecord]:
        """Give every message to a person or team, by when it was composed."""
        crowd = self.life.crowd
        holders = [Holder(HolderKind.ACTOR, one) for one in crowd.people]
        holders += [Holder(HolderKind.TEAM, one) for one in crowd.teams]
        with self.life.store.reading() as reading:
            found = [one for holder in holders for one in reading.messages_to(holder, limit=None)]
        return sorted(found, key=lambda one: (one.composed_at, one.id))

    @cached_property
    def changes(self) -> list[Change]:
        """Give what happened to every award, as its history says."""
        with self.life.store.reading() as reading:
            awards = [
                award
                for person in self.life.crowd.people
                for award in reading.awards_of(None, Holder(HolderKind.ACTOR, person))
            ]
            return [
                Change(step.at, award.id, award.achievement, award.holder.id, step.change in ("granted", "restored"))
                for award in awards
                for step in reading.award_changes(award.id)
                if step.change in ("granted", "restored", "revoked")
            ]

    def of(self, form: MessageForm) -> list[MessageRecord]:
        """Give the messages of one sort."""
        return [one for one in self.messages if one.form is form]


def check_everything(life: Life) -> None:
    """Hold all of it against all of it."""
    outcome = Outcome(life)
    assert life.figures.failures == []
    check_what_was_composed(outcome)
    check_mails(outcome)
    check_channels(outcome)
    check_flow(outcome)
    check_moments(outcome)
    check_budgets(outcome)
    check_those_who_opted_out(outcome)


def check_what_was_composed(outcome: Outcome) -> None:
    """Each message that had to come came once, at its moment, with its corrections, and nothing else came of awards."""
    life = outcome.life
    must = Counter(expect(life.crowd, outcome.changes, life.figures.passes))
    came = Counter(what_it_tells(one) for one in outcome.messages if tells_of_awards(one))
    assert sorted((must - came).elements(), key=str) == []
    assert sorted((came - must).elements(), key=str) == []
    periods = Counter((one.recipient, one.form, one.period) for one in outcome.messages if one.period)
    assert [what for what, times in periods.items() if times > 1] == []


def tells_of_awards(message: MessageRecord) -> bool:
    """Say whether a message tells of an award; digests may tell of streaks and of people's weeks only."""
    headings = {section["heading"] for section in message.document["sections"]}
    return message.form is MessageForm.INSTANT or bool(headings & OF_AWARDS)


def what_it_tells(message: MessageRecord) -> Expected:
    """Put a message as it can be compared with one that must come."""
    assert message.recipient is not None
    texts = [line["text"] for section in message.document["sections"] for line in section["lines"]]
    corrections = sum(_times(text) for text in texts if "no longer counts" in text)
    return Expected(message.recipient.id, message.form.value, message.period, message.composed_at, corrections)


def _times(text: str) -> int:
    found = _TIMES.search(text)
    return int(found[1]) if found else 1


def check_mails(outcome: Outcome) -> None:
    """Every message to a person arrived in their mailbox, and nobody else's; twice only where a worker was killed."""
    must = {
        one.id: one.recipient.id for one in outcome.messages if one.recipient and one.recipient.kind is HolderKind.ACTOR
    }
    came = outcome.life.receivers.mailed
    assert {one.id: one.recipient for one in came} == must
    _check_repeats(outcome.life, ((one.id, one.at) for one in came))


def check_channels(outcome: Outcome) -> None:
    """Every message to a team arrived in its channel."""
    must: defaultdict[str, list[Any]] = defaultdict(list)
    for one in outcome.messages:
        if one.recipient and one.recipient.kind is HolderKind.TEAM:
            must[path_of(one.recipient.id)].append(str(slack_payload(message_of(one.document))))
    came = [one for one in outcome.life.receivers.posted if one.path != EVERYTHING]
    assert {(one.path, str(one.body)) for one in came} == {(path, body) for path in must for body in must[path]}
    _check_repeats(outcome.life, (((one.path, str(one.body)), one.at) for one in came))


def check_flow(outcome: Outcome) -> None:
    """Find every piece of news at the flow, under its own id."""
    with outcome.life.store.reading() as reading:
        must = {one.id for one in reading.newest_news(list(NewsKind), limit=10**6)}
    came = [one for one in outcome.life.receivers.posted if one.path == EVERYTHING]
    assert {one.id for one in came} == must
    assert all(one.body["id"] == one.id for one in came)
    _check_repeats(outcome.life, ((one.id, one.at) for one in came))


def _check_repeats(life: Life, arrivals: Iterable[tuple[object, Any]]) -> None:
    """Find nothing twice, but where it arrived before in a pass in which the workers were killed."""
    moments: defaultdict[object, list[Any]] = defaultdict(list)
    for what, at in arrivals:
        moments[what].append(at)
    again = {what: at for what, at in moments.items() if len(at) > 1}
    assert {what: at for what, at in again.items() if not set(at[:-1]) <= set(life.figures.cuts)} == {}


def check_moments(outcome: Outcome) -> None:
    """Nothing arrived in anybody's quiet hours or outside their working hours, whoever was down before."""
    life = outcome.life
    forms = {one.id: one.form for one in outcome.messages}
    for mail in life.receivers.mailed:
        clock = clockwork_of(mail.recipient, life.crowd)
        assert clock.is_welcome(mail.at), mail
        assert forms[mail.id] is MessageForm.INSTANT or clock.is_at_work(mail.at), mail
    paths = {path_of(team): team for team in life.crowd.teams}
    for posted in life.receivers.posted:
        if posted.path in paths:
            assert clockwork_of(paths[posted.path], life.crowd).is_at_work(posted.at), posted


def check_budgets(outcome: Outcome) -> None:
    """Nobody got more instant messages on a day than they want."""
    crowd, days = outcome.life.crowd, Counter[tuple[str, Any]]()
    for one in outcome.of(MessageForm.INSTANT):
        assert one.recipient is not None
        clock = clockwork_of(one.recipient.id, crowd)
        days[one.recipient.id, clock.local_day(one.composed_at)] += 1
        assert days[one.recipient.id, clock.local_day(one.composed_at)] <= most_a_day(clock.person, one.composed_at)


def check_those_who_opted_out(outcome: Outcome) -> None:
    """Whoever opted out is told nothing and named nowhere; who keeps things private is not named in a channel."""
    life = outcome.life
    everything = list(_bodies(life))
    channels = [one.text for one in life.receivers.posted if one.path != EVERYTHING]
    for person in life.crowd.people.values():
        if person.opt_out:
            assert [text for text in everything if person.id in text or person.name in text] == []
        if person.is_private:
            assert [text for text in channels if person.name in text] == []


def _bodies(life: Life) -> Iterator[str]:
    yield from (f"{one.recipient}\n{one.text}" for one in life.receivers.mailed)
    yield from (one.text for one in life.receivers.posted)
