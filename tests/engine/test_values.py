from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.values import (
    MISSING,
    equality,
    find_property,
    is_present,
    read_bool,
    read_moment,
    read_number,
    read_text,
    shown,
)

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALENDAR = PersonalCalendar.of_team("", Facts())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def event(**properties: Any) -> Event:
    """Give an event with some properties."""
    return Event("e1", "ticket.solved", MOMENT, "ana@example.com", "ticket-1", properties)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("csat", 4),
        ("custom.csat", 3),
        ("custom.deep.er", 2),
        ("custom.a.b", "nested key with a dot"),
        ("dotted.key", "found first"),
        ("tags.1", "b"),
        ("tags.1.x", MISSING),
        ("tags.2", MISSING),
        ("tags.-1", MISSING),
        ("tags.²", MISSING),
        ("tags.\N{ARABIC-INDIC DIGIT ONE}", MISSING),
        ("tags.x", MISSING),
        ("rows.0.name", "r"),
        ("nothing", None),
        ("nothing.more", MISSING),
        ("absent", MISSING),
        ("csat.more", MISSING),
        ("", MISSING),
        ("type", "ticket.solved"),
        ("subject", "ticket-1"),
        ("actor", "ana@example.com"),
        ("occurred_at", MOMENT),
        ("subject.name", "a property whose first step is an own field"),
    ],
)
def test_a_property_is_found_by_its_path(path: str, found: Any) -> None:
    """Own fields, then a key that is the path, then step by step."""
    told = event(
        csat=4,
        custom={"csat": 3, "deep": {"er": 2}, "a.b": "nested key with a dot"},
        dotted={"key": "found second"},
        tags=["a", "b"],
        rows=[{"name": "r"}],
        nothing=None,
        type="a property that is never looked at",
        subject={"name": "a property whose first step is an own field"},
        **{"dotted.key": "found first"},
    )
    assert find_property(told, path) == found


def test_an_own_field_that_was_not_told_is_missing_whatever_the_properties_say() -> None:
    """A property cannot pass for the subject."""
    told = Event("e1", "ticket.solved", MOMENT, properties={"subject": "ticket-9", "actor": "eve"})
    assert find_property(told, "subject") is MISSING
    assert find_property(told, "actor") is MISSING


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (4.5, "4.5"),
        (0.1, "0.1"),
        (0, "0"),
        (-3, "-3"),
        ("4.5", "4.5"),
        (" 4.5\n", "4.5"),
        ("+4", "4"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("007", "7"),
        (Decimal("4.50"), "4.5"),
        ("4,5", None),
        ("1_000", None),
        ("1 000", None),
        ("1,000", None),
        ("٣", None),
        ("5 %", None),
        ("0x10", None),
        ("", None),
        ("  ", None),
        ("n/a", None),
        ("NaN", None),
        ("Infinity", None),
        (float("nan"), None),
        (float("inf"), None),
        (Decimal("NaN"), None),
        (True, None),
        (False, None),
        ("true", None),
        (None, None),
        (MISSING, None),
        ([5], None),
        ({"a": 5}, None),
        ("9" * 101, None),
        ("1e999", None),
        (10**400, None),
        (1e300, None),
    ],
)
def test_a_number_is_read_where_there_clearly_is_one(value: Any, number: str | None) -> None:
    """Nothing that merely resembles a number becomes one."""
    assert read_number(value) == (None if number is None else Decimal(number))


@pytest.mark.parametrize("value", [True, "true", "TRUE", " Yes ", "yes", "1", 1, 1.0, Decimal(1)])
def test_yes_is_read_from_every_way_of_saying_it(value: Any) -> None:
    """Low-code tools send any of these."""
    assert read_bool(value) is True


@pytest.mark.parametrize("value", [False, "false", "False", "no", "0", 0, 0.0])
def test_no_is_read_from_every_way_of_saying_it(value: Any) -> None:
    """Low-code tools send any of these."""
    assert read_bool(value) is False


@pytest.mark.parametrize("value", [None, "", "maybe", "2", 2, "1.0", [], {}, [True], "on", MISSING])
def test_anything_else_is_neither_yes_nor_no(value: Any) -> None:
    """Nothing is true for merely being there."""
    assert read_bool(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" Won ", "won"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        (5, "5"),
        (4.5, "4.5"),
        (True, "true"),
        ("", ""),
        (None, None),
        ([], None),
        ({}, None),
        (MISSING, None),
        (10**400, None),
    ],
)
def test_text_is_read_without_case_and_blanks_around_it(value: Any, text: str | None) -> None:
    """Scalars read as they are written."""
    assert read_text(value) == text


@pytest.mark.parametrize("value", [0, False, "x", [0], {"a": None}, 0.0])
def test_a_value_is_present_even_where_it_is_nought_or_false(value: Any) -> None:
    """Only emptiness is absence."""
    assert is_present(value)


@pytest.mark.parametrize("value", [MISSING, None, "", " \t\n", [], {}])
def test_an_empty_value_is_not_present(value: Any) -> None:
    """Blank text counts as empty."""
    assert not is_present(value)


@pytest.mark.parametrize(
    ("operand", "value", "verdict"),
    [
        ("won", "Won ", True),
        ("won", "lost", False),
        ("won", "", False),
        ("won", None, None),
        ("won", ["won"], None),
        ("won", {"x": 1}, None),
        ("won", True, False),
        (True, "yes", True),
        (True, 1, True),
        (True, "0", False),
        (True, "maybe", None),
        (True, [], None),
        ("true", True, True),
        ("True", "maybe", None),
        ("false", "no", True),
        ("yes", "true", True),
        ("yes", "maybe", False),
        ("no", 0, True),
        ("no", "false", True),
        (False, None, None),
        (5, "5", True),
        (5, "5.0", True),
        (Decimal("4.5"), 4.5, True),
        (5, "five", None),
        (5, True, None),
        (1, True, None),
        ("5", 5, True),
        ("5", "5.0", True),
        ("5", "V", False),
        ("1", True, False),
        ("1", "yes", False),
        ("007", "7", True),
        ("2026-03-02", "2026-03-02", True),
    ],
)
def test_equality_reads_the_value_as_its_operand_needs(operand: Any, value: Any, verdict: bool | None) -> None:  # noqa: FBT001 - an example
    """True and false are told apart from what cannot be read."""
    assert equality(operand)(value, CALENDAR) is verdict


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-03-02", date(2026, 3, 2)),
        ("2026-03-02T09:00:00Z", MOMENT),
        ("2026-03-02T10:00:00+01:00", MOMENT),
        ("2026-03-02 09:00", MOMENT),
        (MOMENT, MOMENT),
        ("20260302", None),
        (20260302, None),
        (1772442000, None),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
        (["2026-03-02"], None),
        ("2026-03-02" + " " * 500, None),
    ],
)
def test_a_moment_is_read_from_text_only(value: Any, read: Any) -> None:
    """A bare day stays a day, and a number is no moment."""
    assert read_moment(value, CALENDAR) == read


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("n/a", '"n/a"'),
        ("a\nb\t c", '"a b c"'),
        ("a\x00b\u202ec", '"a b c"'),
        (" ", "empty"),
        (3, "3"),
        (3.0, "3"),
        (4.5, "4.5"),
        (True, "true"),
        (None, "missing"),
        ([1, 2], "a list"),
        ([], "empty"),
        ({}, "empty"),
        ({"a": 1}, "an object"),
        (10**400, "a number out of range"),
        ("x" * 40, f'"{"x" * 40}"'),
        ("x" * 41, f'"{"x" * 39}…"'),
    ],
)
def test_a_value_is_shown_short_and_on_one_line(value: Any, text: str) -> None:
    """A reason is one sentence, whatever a source system sends."""
    assert shown(value) == text


def test_a_megabyte_of_blanks_and_text_is_shown_short() -> None:
    """What is cut away leaves its mark."""
    assert shown(" " * 1_000_000 + "x") == '"…"'


@given(json_values)
def test_no_value_is_too_odd_to_be_read(value: Any) -> None:
    """Reading never fails, and never takes true or false for a number."""
    assert read_number(value) is None or not isinstance(value, bool)
    assert read_bool(value) in {True, False, None}
    assert len(shown(value)) <= 42
    assert is_present(value) in {True, False}
    read_moment(value, CALENDAR)
    for operand in ("x", "yes", "5", True, Decimal(5)):
        assert equality(operand)(value, CALENDAR) in {True, False, None}


@given(st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-90))
def test_a_number_and_its_text_are_the_same(value: float) -> None:
    """It does not matter whether a tool quotes its numbers."""
    assert read_number(str(value)) == read_number(value) == Decimal(str(value))
