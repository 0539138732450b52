"""Rules drawn at random: documents the language allows, wide in kind and narrow in words, so that things collide."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies as st

Document: TypeAlias = dict[str, Any]

TYPES = ("a.done", "b.done", "c.undone", "d.seen")
ROLES = ("agent", "lead")
TEAMS = ("red", "blue")
BANDS = ("small", "large")
CALENDAR_WINDOWS = ("day", "week", "month", "quarter", "year")

calendar_window = st.sampled_from(("day", "week", "week", "week", "month", "month", "quarter", "year"))
rolling = st.sampled_from(("PT12H", "P2D", "P7D")).map(lambda length: {"rolling": length})
length = st.sampled_from(("PT3H", "PT8H", "P1D", "PT72H"))
kind_of_event = st.one_of(
    st.sampled_from(("a.done", "a.done", *TYPES)), st.lists(st.sampled_from(TYPES), min_size=2, max_size=2, unique=True)
)
share = st.sampled_from((0, 0.25, 0.5, 0.75, 1))


def sometimes(key: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """Give a document with *key*, in one of four cases."""
    return chance(4).flatmap(lambda yes: value.map(lambda drawn: {key: drawn}) if yes else st.just({}))


def chance(cases: int) -> st.SearchStrategy[bool]:
    """Say yes in one of so many *cases*."""
    return st.sampled_from((*(False,) * (cases - 1), True))


def joined(*pieces: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    """Give one document of several pieces."""
    return st.tuples(*pieces).map(lambda drawn: {key: value for piece in drawn for key, value in piece.items()})


# -------------------------------------------------------------------- conditions

_plain = st.sampled_from(
    (
        {"property": "ok", "is": "true"},
        {"property": "ok", "is_not": False},
        {"property": "amount", "at_least": 2},
        {"property": "amount", "less_than": 2.5},
        {"property": "amount", "is": 3},
        {"property": "group", "is": "A"},
        {"property": "group", "is_not": "a"},
        {"property": "group", "in": ["a", "c"]},
        {"property": "group", "not_in": ["b"]},
        {"property": "group", "present": True},
        {"property": "group", "present": False},
        {"property": "note", "contains": "RISK"},
        {"property": "note", "starts_with": "low"},
        {"property": "due", "within_next": "P7D"},
        {"property": "due", "within_last": "P2D"},
        {"property": "due", "at_least": "2026-03-10"},
        {"property": "more.amount", "more_than": 1},
        {"property": "subject", "is": "s1"},
        {"complete": ["ok", "amount", "group"], "share": 0.6},
        {"complete": ["note", "due"]},
        {"elapsed": {"from": "started_at", "to": "occurred_at"}, "at_most": "PT6H"},
        {"elapsed": {"from": "started_at"}, "at_most": "PT6H", "clock": "working"},
        {"elapsed": {"from": "started_at"}, "at_least": "PT2H", "clock": "working"},
        {"time_of_day": {"from": "08:00", "before": "12:00"}},
        {"time_of_day": {"before": "15:00"}},
        {"weekday": ["monday", "tuesday", "saturday"]},
    )
)
condition = st.one_of(
    _plain,
    _plain,
    _plain,
    st.lists(_plain, min_size=2, max_size=2).map(lambda two: {"all": two}),
    st.lists(_plain, min_size=2, max_size=2).map(lambda two: {"any": two}),
    _plain.map(lambda one: {"not": one}),
)
where = sometimes("where", st.lists(condition, min_size=1, max_size=2))
match = joined(kind_of_event.map(lambda kind: {"type": kind}), where)
working = sometimes("clock", st.just("working"))
_for = length.map(lambda drawn: {"for": drawn})
hold = joined(match.map(lambda drawn: {"cancelled_by": drawn}), st.one_of(st.just({}), _for))
timed_hold = joined(match.map(lambda drawn: {"cancelled_by": drawn}), _for, working)
confirmation = joined(
    match,
    sometimes("times", st.integers(1, 2)),
    st.one_of(st.just({}), joined(length.map(lambda drawn: {"within": drawn}), working)),
)
waiting = joined(sometimes("hold", st.one_of(hold, timed_hold)), sometimes("confirmed_by", confirmation))
_demanding = joined(match, sometimes("once_per", st.sampled_from(("subject", "group"))), waiting)
_simple = st.just({"type": TYPES[0]})
selector = st.one_of(_simple, _simple, _demanding, _demanding, _demanding)
quality = joined(st.lists(condition, min_size=1, max_size=1).map(lambda drawn: {"where": drawn}), waiting)

# -------------------------------------------------------------------- criteria


def _kind(kind: str, *pieces: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    return joined(st.just({"kind": kind}), *pieces)


def _of(strategy: st.SearchStrategy[Document] = selector) -> st.SearchStrategy[Document]:
    return strategy.map(lambda drawn: {"of": drawn})


def _target(most: int) -> st.SearchStrategy[Document]:
    return st.integers(1, most).map(lambda drawn: {"target": drawn})


_amount = st.just({"property": "amount"})
_minimum = sometimes("minimum", st.integers(1, 2))
_measure = joined(
    st.sampled_from(("count", "sum", "average", "median", "minimum", "maximum")).map(
        lambda name: {"aggregate": name} if name == "count" else {"aggregate": name, "property": "amount"}
    ),
    _of(),
    _minimum,
)
_steps = st.lists(match, min_size=2, max_size=3).map(lambda drawn: {"steps": drawn})
_bounds: st.SearchStrategy[Document] = st.sampled_from(
    ({"at_least": 2}, {"at_most": 2.5}, {"at_least": 1, "at_most": 3})
)
_share_bounds: st.SearchStrategy[Document] = st.one_of(
    share.map(lambda low: {"at_least": low}), share.map(lambda high: {"at_most": high})
)
_direction = st.sampled_from(("highest", "lowest")).map(lambda drawn: {"direction": drawn})

count = _kind("count", _of(), _target(3))
total = _kind("sum", _of(), _amount, _target(6))
rate = _kind("rate", _of(), quality.map(lambda drawn: {"good": drawn}), _share_bounds, _minimum)
average = _kind("average", _of(), _amount, _bounds, _minimum)
none = _kind("none", _of())
sequence = _kind("sequence", _steps, _target(2), sometimes("strict", st.just(True)), sometimes("within", length))
run = _kind("run", _of(), quality.map(lambda drawn: {"good": drawn}), _target(3))
improvement = _kind(
    "improvement",
    _measure.map(lambda drawn: {"measure": drawn}),
    sometimes("direction", st.sampled_from(("highest", "lowest"))),
    sometimes("by", st.sampled_from((0.5, 1))),
    sometimes("by_share", st.sampled_from((0.1, 0.5))),
)
best = _kind(
    "best",
    _measure.map(lambda drawn: {"measure": drawn}),
    _direction,
    sometimes("among", st.sampled_from(("team", "role", "band"))),
    st.integers(2, 3).map(lambda drawn: {"minimum_participants": drawn}),
)


def _all(*parts: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    return st.tuples(*parts).map(lambda drawn: {"kind": "all_of", "criteria": list(drawn)})


def _any(*parts: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    return st.tuples(*parts).map(lambda drawn: {"kind": "any_of", "criteria": list(drawn)})


prompt_leaf = st.one_of(count, total, sequence)
late_leaf = st.one_of(rate, average)
leaf = st.one_of(prompt_leaf, late_leaf)
each = st.one_of(
    count, prompt_leaf, late_leaf, improvement, _all(count, none), _all(count, late_leaf), _any(count, total)
)
days = _kind("days", each.map(lambda drawn: {"each": drawn}), _target(3))
freezes = joined(
    st.integers(1, 2).map(lambda drawn: {"count": drawn}),
    st.sampled_from(("week", "month")).map(lambda drawn: {"window": drawn}),
)
streak = _kind(
    "streak",
    each.map(lambda drawn: {"each": drawn}),
    _target(4),
    sometimes("period", st.sampled_from(("day", "week", "month"))),
    sometimes("freezes", freezes),
)


def _windowed(criterion: st.SearchStrategy[Document], window: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    return joined(criterion, window.map(lambda drawn: {"window": drawn}))


def _own(criterion: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    """Give a criterion inside another, rarely with a window of its own."""
    window = st.one_of(calendar_window, st.just("ever"), rolling)
    return st.one_of(criterion, criterion, _windowed(criterion, window))


guardrail = _own(st.one_of(late_leaf, late_leaf, none, count))

# -------------------------------------------------------------------- achievements

applies_to = st.one_of(
    st.lists(st.sampled_from(ROLES), min_size=1, max_size=1).map(lambda drawn: {"roles": drawn}),
    st.lists(st.sampled_from(TEAMS), min_size=1, max_size=1).map(lambda drawn: {"teams": drawn}),
    st.sampled_from(BANDS).map(lambda drawn: {"segments": {"band": drawn}}),
)


def _tiers(target: int) -> list[Document]:
    return [{"name": "Bronze", "target": target}, {"name": "Silver", "target": 2 * target + 1, "points": 20}]


@st.composite
def _targeted(draw: st.DrawFn) -> Document:
    """Draw what goes with a target: windows, repeats, tiers, targets for some."""
    shape = draw(st.sampled_from(("calendar", "calendar", "ever", "rolling", "period", "period")))
    kinds = {"rolling": prompt_leaf, "period": st.one_of(streak, streak, run)}
    criterion = draw(kinds.get(shape, st.one_of(count, total, sequence, days)))
    document: Document = {"criterion": criterion}
    repeats = ["once", "every_window"]
    if shape == "calendar":
        criterion["window"] = draw(calendar_window)
        document |= draw(st.sampled_from(({}, {}, {"award_at": "close"}, {"award_at": "threshold"})))
    elif shape == "rolling":
        criterion["window"] = draw(rolling)
    elif shape == "ever":
        repeats = ["once"]
    if draw(st.booleans()):
        document["tiers"] = _tiers(criterion["target"])
    elif criterion["kind"] in {"count", "sum", "sequence", "run", "streak"} and shape != "rolling":
        repeats.append("every_target")
    document["repeats"] = draw(st.sampled_from(repeats))
    own = joined(applies_to.map(lambda drawn: {"applies_to": drawn}), _target(4))
    return document | draw(sometimes("targets", st.lists(own, min_size=1, max_size=2)))


_short_window = st.sampled_from(("day", "day", "week", "week", "month"))
_untargeted = st.one_of(
    _windowed(late_leaf, st.one_of(calendar_window, st.just("ever"), rolling)),
    _windowed(_all(_own(leaf), _own(leaf)), st.one_of(calendar_window, st.just("ever"), rolling)),
    _windowed(_any(_own(leaf), _own(leaf)), st.one_of(calendar_window, st.just("ever"), rolling)),
    _windowed(_all(count, none), calendar_window),
    _windowed(_all(leaf, days), calendar_window),
    _windowed(_any(leaf, _all(count, none)), calendar_window),
    _windowed(improvement, _short_window),
    _windowed(best, _short_window),
    _windowed(_all(best, rate), calendar_window),
)


@st.composite
def _met_or_not(draw: st.DrawFn) -> Document:
    """Draw a criterion without a target, judged at a threshold or at the close."""
    criterion = draw(_untargeted)
    window = criterion["window"]
    document: Document = {"criterion": criterion}
    late = any(word in str(criterion) for word in ("'none'", "'best'", "'improvement'"))
    if window in CALENDAR_WINDOWS:
        document |= (
            draw(st.sampled_from(({}, {"award_at": "close"})))
            if late
            else draw(st.sampled_from(({}, {"award_at": "close"}, {"award_at": "threshold"})))
        )
    repeats = ("once",) if window == "ever" else ("once", "every_window", "every_window")
    document["repeats"] = draw(st.sampled_from(repeats))
    return document


@st.composite
def rule_documents(draw: st.DrawFn) -> list[Document]:
    """Draw one to four rules; a later one may look at those before it."""
    documents: list[Document] = []
    for number in range(draw(st.integers(1, 4))):
        keys = [document["key"] for document in documents]
        on_others = bool(keys) and draw(chance(6))
        body = _on_others(draw, keys) if on_others else draw(st.one_of(_targeted(), _targeted(), _met_or_not()))
        documents.append(_achievement(draw, f"rule-{number + 1}", body))
    return documents


def _on_others(draw: st.DrawFn, keys: list[str]) -> Document:
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True))
    criterion = {"kind": "earned", "achievements": chosen, "target": draw(st.integers(1, len(chosen)))}
    window = draw(st.sampled_from(("ever", "week", "month")))
    return {"criterion": criterion | {"window": window}, "repeats": "once" if window == "ever" else "every_window"}


def _achievement(draw: st.DrawFn, key: str, body: Document) -> Document:
    """Dress a criterion as a whole achievement."""
    document = {"key": key, "name": key, "purpose": "It is drawn at random.", "category": "quality", "state": "live"}
    document |= body | {"points": draw(st.sampled_from((0, 5)))}
    if "'best'" not in str(body) and draw(chance(4)):
        document["scope"] = "team"
    pieces = (
        sometimes("applies_to", applies_to),
        sometimes("guardrails", st.lists(guardrail, min_size=1, max_size=2)),
        sometimes("cooldown", st.sampled_from(("PT12H", "P2D", "P7D"))),
        sometimes(
            "cap",
            joined(_target(2).map(lambda cap: {"count": cap["target"]}), calendar_window.map(lambda w: {"window": w})),
        ),
        sometimes("starts_at", st.sampled_from(("2026-03-04T00:00:00+00:00", "2026-10-21T07:30:00+00:00"))),
    )
    return document | draw(joined(*pieces))
