"""Write down how often people are told, from a quarter that was lived through."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from milepost.engine.people import HolderKind
from milepost.storage.outbox import MessageForm, MessageRecord
from tests.quarter.checking import Outcome, what_it_tells
from tests.quarter.desk import BEGINS, ROOT, WEEKS

PAGE = ROOT / "docs" / "explanation" / "messages-in-a-quarter.md"
_TEXT = Path(__file__).with_name("page.txt")
_DIGESTS = (MessageForm.DAILY, MessageForm.WEEKLY)


def render(outcome: Outcome) -> str:
    """Give the page."""
    life = outcome.life
    figures, crowd = life.figures, life.crowd
    people = [one for one in crowd.people.values() if one.team]
    opted_out = sum(one.opt_out for one in crowd.people.values())
    return _TEXT.read_text("utf-8").format(
        weeks=WEEKS,
        people=len(people),
        managers=len(crowd.people) - len(people),
        teams=len(crowd.teams),
        opted_out=opted_out,
        tellings=len(figures.told),
        awards=len({one.award for one in outcome.changes}),
        fallen=sum(not one.stands for one in outcome.changes),
        restarts=figures.restarts,
        cuts=len(figures.cuts),
        hours=round(figures.downtime / timedelta(hours=1)),
        mails=len({one.id for one in life.receivers.mailed}),
        repeats=len(life.receivers.mailed) - len({one.id for one in life.receivers.mailed}),
        weekly="\n".join(_weekly(outcome)),
        persons="\n".join(_persons(outcome)),
        summary=_summary(outcome),
    )


def write_page(outcome: Outcome) -> None:
    """Write the page."""
    PAGE.write_text(render(outcome), "utf-8")


def _week_of(message: MessageRecord) -> int:
    return (message.composed_at - BEGINS) // timedelta(weeks=1)


def _to(outcome: Outcome, who: str) -> list[MessageRecord]:
    """Give the messages to people, to managers or to teams."""
    people = outcome.life.crowd.people
    return [
        one
        for one in outcome.messages
        if one.recipient and _kind_of(one.recipient.kind, one.recipient.id, people) == who
    ]


def _kind_of(kind: HolderKind, holder: str, people: object) -> str:
    del people
    if kind is HolderKind.TEAM:
        return "teams"
    return "managers" if holder.startswith("lead-") else "people"


def _weekly(outcome: Outcome) -> Iterator[str]:
    """Give a row for each week: what was told, what came of it, and what people heard of it."""
    told = Counter((one - BEGINS) // timedelta(weeks=1) for one in outcome.life.figures.told)
    granted = Counter((one.at - BEGINS) // timedelta(weeks=1) for one in outcome.changes if one.stands)
    people, managers, teams = (_to(outcome, who) for who in ("people", "managers", "teams"))
    everybody = [one.id for one in outcome.life.crowd.people.values() if one.team]
    for week in range(WEEKS):
        mine = [one for one in people if _week_of(one) == week]
        each = _each(mine, everybody)
        instant = sum(one.form is MessageForm.INSTANT for one in mine)
        cells = [
            f"{BEGINS + timedelta(weeks=week):%-d %b}",
            told[week],
            granted[week],
            instant,
            len(mine) - instant,
            f"{median(each):g}",
            max(each),
            sum(_week_of(one) == week for one in managers),
            sum(_week_of(one) == week for one in teams),
        ]
        yield _row(cells)


def _each(messages: Iterable[MessageRecord], people: Sequence[str]) -> list[int]:
    counts = Counter(one.recipient.id for one in messages if one.recipient)
    return [counts[one] for one in people]


def _persons(outcome: Outcome) -> Iterator[str]:
    """Give a row for each number of messages that somebody got in a week, with how often that was so."""
    weeks: defaultdict[tuple[str, int], int] = defaultdict(int)
    for one in _to(outcome, "people"):
        if one.recipient:
            weeks[one.recipient.id, _week_of(one)] += 1
    people = sum(one.team is not None for one in outcome.life.crowd.people.values())
    counts = Counter(weeks.values())
    counts[0] = people * WEEKS - sum(counts.values())
    for number in sorted(counts):
        yield _row([number, counts[number], f"{counts[number] / (people * WEEKS):.1%}"])


def _summary(outcome: Outcome) -> str:
    people = _to(outcome, "people")
    instant = sum(one.form is MessageForm.INSTANT for one in people)
    corrections = sum(what_it_tells(one).corrections for one in people)
    return (
        f"Of {len(people)} messages to people, {instant} came at once and {len(people) - instant} as a digest; "
        f"they held {corrections} corrections, for what fell after it was told. What fell before is not told at all."
    )


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
