"""Compose a digest: what a day or a week came to, for a person, a manager or a team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from milepost.delivery.message import Line, Message, Section
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.engine.wording import counted_text, join_words
from milepost.operations.coaching import coaching_sections
from milepost.operations.decide_telling import Contents, Digest, digest_id
from milepost.operations.find_outlook import outlook_sections
from milepost.operations.frame_message import STORM, Frame, counted_lines, in_short, limited
from milepost.operations.name_holder import full_name
from milepost.operations.visibility import is_private
from milepost.operations.word_owed import Wording, Words
from milepost.storage.base import Reading

#: Of smaller groups no numbers are told, so that nobody can be singled out.
SMALLEST_GROUP = 5
#: So many are named in one sentence.
_FEW = 3
_AWARDS = frozenset({NewsKind.AWARDED, NewsKind.REVOKED})


@dataclass(frozen=True, slots=True)
class Beside:
    """What a digest holds beside what is owed: looked up before, since it takes its time."""

    own: tuple[Section, ...] = ()
    coaching: tuple[Section, ...] = ()


def look_beside(reading: Reading, recipient: Holder, contents: Contents, facts: Facts, now: datetime) -> Beside:
    """Look up what a person has within reach, and what a manager may want to talk about."""
    return Beside(
        tuple(outlook_sections(reading, recipient, now)) if contents.is_own else (),
        tuple(coaching_sections(reading, recipient, facts=facts, as_of=now)) if contents.is_coached else (),
    )


def digest_message(frame: Frame, wording: Wording, digest: Digest, beside: Beside) -> Message | None:
    """Compose a digest; None where there is nothing to say."""
    said = [wording.of(item) for item in digest.items if item.news is not None]
    if frame.recipient.kind is HolderKind.TEAM:
        sections = list(_team_sections(frame, said, wording.now))
    else:
        sections = [*_own_sections(said), *beside.own, *_manager_sections(said), *beside.coaching]
    if not said and not beside.coaching:
        return None
    made_id = digest_id(frame.recipient, digest.timing, digest.period)
    title = _title(frame, digest)
    return frame.put(made_id, title, _summary(frame, said, beside, wording.now), sections, items=digest.items)


def _title(frame: Frame, digest: Digest) -> str:
    whose = f"{full_name(frame.recipient, frame.facts)}: " if frame.recipient.kind is HolderKind.TEAM else "Your "
    return f"{whose}{period_words(digest.timing, digest.period)}"


def period_words(timing: Timing, period: str) -> str:
    """Name the day or week of a digest: ``Monday, 2 March``, ``week of 2 to 8 March``."""
    if timing is Timing.DAILY:
        day = date.fromisoformat(period)
        return f"{day:%A}, {_day(day)}"
    year, _, week = period.partition("-W")
    first = date.fromisocalendar(int(year), int(week), 1)
    last = first + timedelta(days=6)
    return f"week of {first.day if first.month == last.month else _day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _summary(frame: Frame, said: Sequence[Words], beside: Beside, now: datetime) -> str:
    if frame.recipient.kind is HolderKind.TEAM and not has_numbers(frame.recipient, frame.facts, now):
        return f"What there is to share in the team {full_name(frame.recipient, frame.facts)}."
    gains = {whom: [one for one in said if (one.kind, one.audience) == (NewsKind.AWARDED, whom)] for whom in Audience}
    losses = sum(one.kind is NewsKind.REVOKED for one in said)
    others = sum(one.kind not in _AWARDS for one in said)
    parts = [
        f"you earned {_named(gains[Audience.ACTOR])}" if gains[Audience.ACTOR] else "",
        f"your people earned {_counted(gains[Audience.MANAGER])}" if gains[Audience.MANAGER] else "",
        f"{_counted(gains[Audience.TEAM])} earned" if gains[Audience.TEAM] else "",
        counted_text(losses, "correction") if losses else "",
        f"{counted_text(others, 'more thing')} to know" if others else "",
        "notes for your talks" if beside.coaching else "",
    ]
    text = "; ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}."


def _named(said: Sequence[Words]) -> str:
    """Name a few achievements, count many."""
    lines = counted_lines(one.short for one in said)
    return join_words([line.text for line in lines]) if len(lines) <= _FEW else _counted(said)


def _counted(said: Sequence[Words]) -> str:
    return counted_text(len(said), "achievement")


def _own_sections(said: Iterable[Words]) -> Iterator[Section]:
    own = [one for one in said if one.audience is Audience.ACTOR]
    yield from _lines("Earned", [one for one in own if one.kind is NewsKind.AWARDED])
    yield from _lines("Corrected", [one for one in own if one.kind is NewsKind.REVOKED])
    yield from _lines("Also", [one for one in own if one.kind not in _AWARDS])


def _manager_sections(said: Iterable[Words]) -> Iterator[Section]:
    theirs = [one for one in said if one.audience is Audience.MANAGER]
    gains = [one for one in theirs if one.kind is NewsKind.AWARDED]
    if len(gains) > STORM:
        yield Section(limited(list(_by_person(gains))), "Your people earned")
    else:
        yield from _lines("Your people earned", sorted(gains, key=lambda one: _place(one.about)))
    yield from _lines("Corrected, of your people", [one for one in theirs if one.kind is NewsKind.REVOKED])
    yield from _lines("For you", [one for one in theirs if one.kind not in _AWARDS])


def _by_person(said: Iterable[Words]) -> Iterator[Line]:
    shorts: defaultdict[str, list[str]] = defaultdict(list)
    for one in said:
        shorts[one.about].append(one.short)
    for name in _sorted(shorts):
        yield Line(f"{name}: {join_words([line.text for line in counted_lines(shorts[name])])}")


def _team_sections(frame: Frame, said: Sequence[Words], now: datetime) -> Iterator[Section]:
    """Tell what a team and its people earned, by name of the achievement; nobody is counted or put before another."""
    gains = [one for one in said if one.kind is NewsKind.AWARDED]
    yield from _lines("Earned by the team", [one for one in gains if not one.about])
    names: defaultdict[str, set[str]] = defaultdict(set)
    for one in gains:
        if one.about:
            names[one.short].add(one.about)
    if names:
        lines = [Line(f"{short}: {join_words(_sorted(names[short]))}") for short in _sorted(names)]
        yield Section(limited(lines), "Earned in the team")
    if gains and has_numbers(frame.recipient, frame.facts, now):
        yield Section((Line(f"{counted_text(len(gains), 'achievement')} earned"),), "In all")
    yield from _lines("Corrected", [one for one in said if one.kind is NewsKind.REVOKED])
    yield from _lines("Also", [one for one in said if one.kind not in _AWARDS])


def has_numbers(team: Holder, facts: Facts, now: datetime) -> bool:
    """Say whether a team has enough people who take part that a number singles out nobody."""
    members = [one for one in facts.actors.values() if one.profile_at(now).team == team.id and not is_private(one)]
    return len(members) >= SMALLEST_GROUP


def _lines(heading: str, said: Sequence[Words]) -> Iterator[Section]:
    if len(said) > STORM:
        yield Section(counted_lines(map(in_short, said)), heading)
    elif said:
        yield Section(tuple(one.line for one in said), heading)


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=_place)


def _place(name: str) -> tuple[str, str]:
    """Give where a name stands in the alphabet, whatever its case."""
    return name.casefold(), name
