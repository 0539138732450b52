"""Rules drawn at random that are easily earned and easily lost, so that every part of the product's path matters."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.rule_documents import Document, joined, rolling, sometimes

_window = st.sampled_from(("day", "day", "week"))
_few = st.integers(1, 2)
_again = st.just({"repeats": "every_window"})
_hold = joined(
    st.just({"cancelled_by": {"type": "b.done"}}),
    st.sampled_from(({}, {"for": "PT3H"}, {"for": "P1D"}, {"for": "PT72H"}, {"for": "PT8H", "clock": "working"})),
)
_confirmation = joined(
    st.just({"type": "b.done"}),
    st.sampled_from(({}, {"within": "P1D"}, {"within": "P7D"})),
    _few.map(lambda times: {"times": times}),
)
_ok = {"property": "ok", "is": "true"}
_done: Document = {"type": "a.done"}


def _criterion(kind: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """Draw a criterion; each further argument draws the value of one key."""
    return st.fixed_dictionaries({"kind": st.just(kind), **more})


_of = st.one_of(
    _hold.map(lambda hold: {**_done, "hold": hold}),
    _confirmation.map(lambda confirmation: {**_done, "confirmed_by": confirmation}),
    st.sampled_from((_done, {**_done, "once_per": "subject"}, {**_done, "where": [_ok]})),
)
_good = st.one_of(
    st.just({"where": [_ok]}),
    _hold.map(lambda hold: {"hold": hold}),
    _confirmation.map(lambda confirmation: {"confirmed_by": confirmation}),
)
_measure = st.sampled_from(("count", "sum", "average", "maximum")).map(
    lambda aggregate: {"aggregate": aggregate, "of": _done, **({} if aggregate == "count" else {"property": "amount"})}
)
_direction = st.sampled_from(("highest", "lowest"))

_counted = st.one_of(
    _criterion("count", of=_of, target=_few, window=_window),
    _criterion("count", of=_of, target=_few, window=rolling),
    _criterion("sum", of=_of, property=st.just("amount"), target=st.sampled_from((2, 4.5)), window=_window),
)
_one = _criterion("count", of=_of, target=st.just(1))
_days = _criterion("days", each=_one, target=_few, window=st.just("week"))
_once_more = st.one_of(_counted, _counted, _days)
_step = st.sampled_from(({"type": "a.done"}, {"type": "b.done"}, {"type": "c.undone"}))
_steps = st.lists(_step, min_size=2, max_size=2, unique_by=str)
_steps = st.lists(_step, min_size=2, max_size=2, unique_by=str)
_sequence = joined(
    _criterion("sequence", steps=_steps, target=st.just(1), window=_window),
    sometimes("strict", st.just(True)),
    sometimes("within", st.sampled_from(("P1D", "PT72H"))),
)
_none = _criterion("none", of=st.just({"type": "b.done"}))
_each = st.one_of(
    _one,
    st.tuples(_criterion("count", of=st.just(_done), target=st.just(1)), _none).map(
        lambda parts: {"kind": "all_of", "criteria": list(parts)}
    ),
    _criterion("improvement", measure=_measure, direction=_direction),
)
_streak = joined(
    _criterion("streak", each=_each, target=st.integers(2, 3)),
    st.sampled_from(({}, {"freezes": {"count": 1, "window": "week"}}, {"freezes": {"count": 2, "window": "month"}})),
)
_run = _criterion("run", of=st.just(_done), good=_good, target=st.integers(2, 3))
_best = _criterion("best", measure=_measure, direction=_direction, minimum_participants=st.just(2), window=_window)
_better = _criterion("improvement", measure=_measure, direction=_direction, window=_window)
_own_window = st.one_of(st.sampled_from(("week", "month", "ever")), rolling)
_guardrail = st.one_of(
    _criterion("rate", of=st.just(_done), good=_good, at_least=st.just(0.5), window=_own_window),
    _criterion("average", of=st.just(_done), property=st.just("amount"), at_least=st.just(2), window=_own_window),
    _criterion("none", of=st.just({"type": "c.undone"}), window=_own_window),
)
_closed = st.one_of(
    _best,
    _better,
    st.tuples(_best, _criterion("count", of=_of, target=_few)).map(
        lambda parts: {"kind": "all_of", "window": parts[0].pop("window"), "criteria": list(parts)}
    ),
)


@st.composite
def focused_documents(draw: st.DrawFn) -> list[Document]:
    """Draw one or two rules; the second may build on the first."""
    documents = [draw(_document(number)) for number in range(draw(_few))]
    if draw(st.booleans()):
        first = documents[0]
        built = {"kind": "earned", "achievements": [first["key"]], "target": 1, "window": draw(_window)}
        documents.append({**_frame(9), "criterion": built, **draw(_again), "scope": first.get("scope", "actor")})
    return documents


@st.composite
def _document(draw: st.DrawFn, number: int) -> Document:
    criterion = draw(st.one_of(_once_more, _once_more, _sequence, _streak, _run, _closed))
    document = {**_frame(number), "criterion": criterion}
    is_peer = "best" in str(criterion)
    pieces = (
        sometimes("guardrails", st.lists(_guardrail, min_size=1, max_size=1)),
        sometimes("cooldown", st.sampled_from(("P1D", "P2D"))),
        sometimes("cap", st.sampled_from(({"count": 1, "window": "week"}, {"count": 2, "window": "month"}))),
        st.just({}) if is_peer else sometimes("scope", st.just("team")),
        _again,
    )
    return document | draw(joined(*pieces))


def _frame(number: int) -> Document:
    return {
        "key": f"rule-{number}",
        "name": f"rule-{number}",
        "purpose": "It is drawn at random.",
        "category": "quality",
        "state": "live",
        "points": 3,
    }
