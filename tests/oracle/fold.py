"""The oracle: all awards, points and streaks, folded from all events in the plainest way.

Where the language leaves room, this is what is read into it:

1. *Zone of a label*: an event's local day is told in the zone of the profile in force at the event; when a day
   starts, in the zone of its own profile (noon UTC). The end of the night shift before is an instant in that zone.
2. *Zone changed in a day*: the day that the new profile's first moment has in the new zone.
3. *Local day* in ``weekday`` and for bare days in ``within_*`` is the same day as for windows (a night shift's
   morning belongs to the evening before); ``time_of_day`` is the wall clock; ``from`` later than ``before`` runs over
   midnight.
4. *Bare day in within_**: the difference of the days, as a length, is between nothing and the length.
5. *Missing* is what ``present`` calls not there: blank text too. Inside ``any`` and ``not`` an unreadable part is
   "unknown" (Kleene): it decides nothing that the other parts have decided. With ``all`` as well.
6. *Text operands* read numbers and booleans by their JSON text; a day compared with a moment is its local midnight, a
   moment compared with a day is its calendar date in the holder's zone. A negative ``elapsed`` is just a small
   number.
7. *Hold or confirmation in working time* ends at the first instant at which that much has been worked; a
   contradiction outside working hours after it comes too late. Without any working time to come it never ends.
8. *Nothing confirms itself*, even when its type matches. An event without a subject is "not confirmed" at once.
9. *A bad ``good``* settles with its first contradiction (with or without ``for``), at the end of ``within``, or at
   once when a condition fails; of several the first.
10. *Unreadable values* leave a sum, average or measure before ``once_per`` chooses; a blank value is "no such value".
11. *once_per before good*: in a rate or run the mark that counts is chosen first, its goodness asked afterwards.
12. *Run*: at a moment, an event whose own mark (not goodness) is still held is not in it at all; one whose goodness
    is held interrupts. The run is known as soon as so many consecutive events are good and settled, whatever is
    before them.
13. *Own windows inside a calendar window*: read by the moment, or by the main window's last moment (one microsecond
    before its end for rolling ones) once the moment lies on a later local day.
14. *Moments* of a threshold: the settling of counted marks (also those that once_per leaves out), of goodness either
    way, of completed sequences, of met days and periods, of earned awards; of every criterion and guardrail, in any
    window, but not before the main window's first local day.
15. *Window judged*: also when an award that ``earned`` looks at was earned in it. It is so for thresholds as well as
    closes.
16. *Close*: needs a calendar window; without one nothing is ever decided. Targets go by the profile at the close
    moment; with every_target the close gives every multiple reached, each at the close.
17. *Again* (rolling): after the last event, by time and id, that counted in the stretch that earned; for this
    criterion's parts without a window of their own, not for guardrails. For each tier on its own; so too for streaks
    and runs.
18. *Again* (streak): the earliest period that is at its target at the moment is the one that earned; the next award
    is not earlier than the one before. In a run: the earliest event.
19. *every_window with "ever"* is once. A multiple of a sum reached in one go with another is a second award, alike.
20. *Order of earned moments*: time, then window, then tier as written. Cooldown looks at the same tier, the cap at
    all.
21. *Excused, frozen weeks and months*: one day of it with a changed zone or a freeze is enough.
22. *A miss is open* until strictly before 24 working hours after its period's end.
23. *Improvement inside days* compares with any earlier local day, worked or not; ``by_share`` is of the size of the
    earlier value.
24. *Strict sequence*: a step that occurs in the same moment as the one before starts over; so does a chain that is
    complete too late. Without ``strict`` any chain in order and in time will do.
25. *A subject goes through once ever*, not once per window; steps may lie in earlier windows.
26. *Team targets*: one that names roles or segments never fits a team. A scaled tier goes up to the next whole
    number.
27. *Teams* are those in the facts and those that a profile names.
28. *The current streak* and the longest are given for each holder with an event of a type the streak selects.
29. *A period that waits* (a hold inside it is pending) is a miss once it is over, until it is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from milepost.engine.achievements import Achievement
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.kinds import Streak
from milepost.engine.people import Holder, HolderKind
from tests.oracle.awarding import OracleAward, awards_of
from tests.oracle.marking import World
from tests.oracle.showing import OracleStreak, streak_of
from tests.oracle.truth import Truth
from tests.oracle.walking import achievements_in

__all__ = ["OracleAward", "OracleStreak", "Outcome", "fold"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that follows from the events."""

    awards: tuple[OracleAward, ...]
    points: Mapping[Holder, int]
    streaks: Mapping[tuple[str, Holder], OracleStreak]


def fold(events: Iterable[Event], rules: Sequence[Achievement], facts: Facts, as_of: datetime) -> Outcome:
    """Give the awards that stand at *as_of*, in order of time, with the points and streaks."""
    told = sorted(events, key=lambda event: (event.occurred_at, event.id))
    world = World(tuple(told), facts, as_of)
    awards: list[OracleAward] = []
    streaks: dict[tuple[str, Holder], OracleStreak] = {}
    for rule in _in_order(rules):
        standing = _standing(awards)
        for holder in _holders(world, rule.scope):
            truth = Truth(world, rule, holder, standing)
            awards += awards_of(truth)
            if isinstance(rule.criterion, Streak) and truth.marker.days_selected():
                streaks[rule.key, holder] = streak_of(truth, rule.criterion)
    points: dict[Holder, int] = {}
    for award in awards:
        points[award.holder] = points.get(award.holder, 0) + award.points
    awards.sort(key=lambda one: (one.earned_at, one.achievement, one.holder, one.tier or "", one.window or ""))
    return Outcome(tuple(awards), points, streaks)


def _standing(awards: Iterable[OracleAward]) -> dict[tuple[str, Holder], list[datetime]]:
    standing: dict[tuple[str, Holder], list[datetime]] = {}
    for award in awards:
        standing.setdefault((award.achievement, award.holder), []).append(award.earned_at)
    return standing


def _in_order(rules: Sequence[Achievement]) -> list[Achievement]:
    """Put every rule after those whose awards it looks at."""
    waiting, placed = list(rules), list[Achievement]()
    while waiting:
        known = {rule.key for rule in waiting}
        ready = [rule for rule in waiting if not achievements_in((rule.criterion, *rule.guardrails)) & known]
        if not ready:
            raise ValueError(f"achievements that look at each other: {sorted(known)}")
        placed += ready
        waiting = [rule for rule in waiting if rule not in ready]
    return placed


def _holders(world: World, scope: HolderKind) -> list[Holder]:
    if scope is HolderKind.ACTOR:
        return [Holder(scope, name) for name in world.actors()]
    named = {profile.team for name in world.actors() for profile in world.actor(name).profiles if profile.team}
    return [Holder(scope, name) for name in sorted(named | set(world.facts.teams))]
