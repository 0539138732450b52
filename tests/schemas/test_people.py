from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.engine.calendars import OFFICE_WEEK, Calendar, Shift
from milepost.engine.people import Actor, DaySpan, Preferences, Profile, Team, Visibility
from milepost.errors import Invalid
from milepost.schemas.calendars import dump_calendar, load_calendar
from milepost.schemas.people import dump_actor, dump_team, load_actor, load_leave, load_team

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def ana(document: dict[str, Any], *, existing: Actor | None = None, now: datetime | None = APRIL) -> Actor:
    """Load a document for Ana."""
    return load_actor({"id": "ana@example.com"} | document, existing=existing, now=now)[0]


def refusal(document: dict[str, Any]) -> tuple[str, str]:
    """Give the pointer and message of the one thing that is wrong with Ana's document."""
    with pytest.raises(Invalid) as caught:
        ana(document)
    (error,) = caught.value.errors
    return error.pointer, error.message


def test_a_new_actors_profile_holds_from_the_beginning() -> None:
    actor = ana({"name": "Ana Ruiz", "role": "agent", "segments": {"queue": "complex"}})
    assert actor.name == "Ana Ruiz"
    assert actor.profiles == (Profile(role="agent", segments={"queue": "complex"}),)


def test_a_new_actors_profile_may_begin_at_a_moment() -> None:
    actor = ana({"role": "agent", "since": "2026-03-01T01:00:00+01:00"})
    assert actor.profiles == (Profile(), Profile(since=MARCH, role="agent"))


def test_a_change_holds_from_now_on() -> None:
    actor = ana({"team": "sales"}, existing=ana({"role": "agent", "team": "support"}))
    assert actor.profiles == (
        Profile(role="agent", team="support"),
        Profile(since=APRIL, role="agent", team="sales"),
    )


def test_a_change_holds_from_the_given_moment_in_every_later_profile() -> None:
    before = ana({"team": "sales"}, existing=ana({"role": "agent", "team": "support"}))
    actor = ana({"role": "lead", "since": MARCH.isoformat()}, existing=before)
    assert actor.profiles == (
        Profile(role="agent", team="support"),
        Profile(since=MARCH, role="lead", team="support"),
        Profile(since=APRIL, role="lead", team="sales"),
    )


def test_a_field_that_was_never_known_holds_from_the_beginning() -> None:
    actor = ana({"role": "agent"}, existing=ana({"team": "support"}))
    assert actor.profiles == (Profile(role="agent", team="support"),)


def test_without_a_now_a_change_holds_from_the_beginning() -> None:
    actor = ana({"team": "sales"}, existing=ana({"team": "support"}), now=None)
    assert actor.profiles == (Profile(team="sales"),)


def test_telling_the_same_again_does_not_undo_a_planned_move() -> None:
    planned = ana({"team": "sales", "since": MAY.isoformat()}, existing=ana({"team": "support"}))
    assert ana({"team": "support"}, existing=planned) == planned


def test_only_given_fields_change_and_null_clears() -> None:
    before = ana({"name": "Ana", "role": "agent", "segments": {"queue": "complex", "band": "a"}})
    actor = ana({"name": None, "segments": {"band": None}}, existing=before, now=None)
    assert actor.name is None
    assert actor.profiles == (Profile(role="agent", segments={"queue": "complex"}),)


def test_a_history_gives_earlier_profiles_that_are_like_the_next_one_but_for_what_they_name() -> None:
    history = [
        {"until": MARCH.isoformat(), "role": "trainee"},
        {"until": APRIL.isoformat(), "team": "sales", "zone": "Asia/Tokyo"},
    ]
    actor = ana({"role": "agent", "team": "support", "history": history})
    assert actor.profiles == (
        Profile(role="trainee", team="sales", zone="Asia/Tokyo"),
        Profile(since=MARCH, role="agent", team="sales", zone="Asia/Tokyo"),
        Profile(since=APRIL, role="agent", team="support"),
    )


def test_a_history_is_refused_when_it_is_not_oldest_first() -> None:
    pointer, message = refusal({"history": [{"until": APRIL.isoformat()}, {"until": MARCH.isoformat()}]})
    assert pointer == "/history"
    assert "oldest first" in message


@pytest.mark.parametrize(
    ("document", "pointer", "hint"),
    [
        ({"zone": "madrid"}, "/zone", "Did you mean *Europe/Madrid*?"),
        ({"zone": "Europe/Madird"}, "/zone", "Did you mean *Europe/Madrid*?"),
        ({"rolle": "agent"}, "/rolle", "Did you mean *role*?"),
        ({"since": "2026-03-01T00:00:00"}, "/since", "The zone is missing"),
        ({"leave": [{"first_on": "2026-03-05", "last_on": "2026-03-01"}]}, "/leave/0/last_on", "before the first"),
        ({"preferences": {"visibility": "world"}}, "/preferences/visibility", "team, private"),
        ({"name": "a\nb"}, "/name", "line breaks"),
        ({"history": [{"until": "2026-03-01T00:00:00Z", "teem": "x"}]}, "/history/0/teem", "Did you mean *team*?"),
        ({"since": "2026-03-01T00:00:00Z", "history": []}, "/since", "leave *since* out"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(document: dict[str, Any], pointer: str, hint: str) -> None:
    found, message = refusal(document)
    assert found == pointer
    assert hint in message


def test_leave_is_kept_in_order_and_once() -> None:
    span = {"first_on": "2026-03-05", "last_on": "2026-03-06"}
    actor = ana({"leave": [span, {"first_on": "2026-03-01"}, span]})
    assert actor.leave == (
        DaySpan(date(2026, 3, 1), date(2026, 3, 1)),
        DaySpan(date(2026, 3, 5), date(2026, 3, 6)),
    )
    assert load_leave({"first_on": "2026-03-01"}) == actor.leave[0]


def test_preferences_change_one_by_one() -> None:
    before = ana({"preferences": {"visibility": "private"}})
    actor = ana({"preferences": {"opt_out": True}}, existing=before)
    assert actor.preferences == Preferences(Visibility.PRIVATE, opt_out=True)


def test_an_id_may_come_as_a_number() -> None:
    actor, aliases = load_actor({"id": 17, "aliases": {"zendesk": 123}})
    assert actor.id == "17"
    assert aliases == {"zendesk": "123"}


WORDS = st.none() | st.sampled_from(["a", "b"])
PROFILES = st.builds(
    Profile,
    role=WORDS,
    team=WORDS,
    manager=WORDS,
    segments=st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["1", "2"])),
    zone=st.sampled_from([None, "Asia/Tokyo"]),
)


def _content(profile: Profile) -> str:
    """Tell profiles apart by what they say, in whatever order."""
    return repr((profile.role, profile.team, sorted(profile.segments.items()), profile.zone, profile.manager))


@given(st.lists(PROFILES, min_size=1, max_size=3, unique_by=_content))
def test_an_actors_document_gives_the_same_actor_again(profiles: list[Profile]) -> None:
    moments = (None, MARCH, APRIL)
    dated = tuple(
        Profile(since, profile.role, profile.team, profile.segments, profile.zone, profile.calendar, profile.manager)
        for since, profile in zip(moments, profiles, strict=False)
    )
    actor = Actor(id="ana", name="Ana", profiles=dated, leave=(DaySpan(date(2026, 3, 1), date(2026, 3, 2)),))
    assert load_actor(dump_actor(actor, {"crm": "7"})) == (actor, {"crm": "7"})


def test_a_team_keeps_what_is_not_given() -> None:
    before = Team(id="support", name="Support", zone="Europe/Madrid")
    after = load_team({"id": "support", "calendar": "nights"}, existing=before)
    assert after == Team(id="support", name="Support", zone="Europe/Madrid", calendar="nights")
    assert load_team(dump_team(after)) == after


def test_a_new_calendar_has_office_hours() -> None:
    assert load_calendar({"key": "default", "zone": "Europe/Madrid"}).week == OFFICE_WEEK


def test_a_week_is_given_whole_and_may_run_past_midnight() -> None:
    calendar = load_calendar({"key": "nights", "week": {"monday": [["22:00", "06:00"]]}})
    assert calendar.week == ((Shift(time(22), time(6)),), (), (), (), (), (), ())


def test_a_calendars_document_gives_the_same_calendar_again() -> None:
    calendar = Calendar(
        key="nights",
        zone="Europe/Berlin",
        week=((Shift(time(22), time(6)),), *OFFICE_WEEK[1:]),
        country="DE",
        subdivision="BY",
        days_off=frozenset({date(2026, 12, 24), date(2026, 12, 31)}),
    )
    document = dump_calendar(calendar)
    assert document["week"]["monday"] == [["22:00", "06:00"]]
    assert load_calendar(document) == calendar


@pytest.mark.parametrize(
    ("document", "pointer", "hint"),
    [
        ({"week": {"monday": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "/week/monday", "overlaps another"),
        ({"week": {"sunday": [["22:00", "06:00"]], "monday": [["05:00", "13:00"]]}}, "/week/monday", "overlaps"),
        ({"week": {"monday": [["9", "17:00"]]}}, "/week/monday/0/0", "09:00"),
        ({"week": {"monday": [["09:00", "25:00"]]}}, "/week/monday/0/1", "00:00 to 24:00"),
        ({"week": {"monday": [["09:00"]]}}, "/week/monday/0", '["09:00", "17:00"]'),
        ({"week": {"mondya": []}}, "/week/mondya", "Did you mean *monday*?"),
        ({"country": "Germany"}, "/country", "Did you mean *DE*?"),
        ({"country": "DE", "subdivision": "BAY"}, "/subdivision", "BW, BY, HB"),
        ({"subdivision": "BY"}, "/subdivision", "needs its *country*"),
        ({"zone": None}, "/zone", "may not be null"),
        ({"days_off": ["24.12.2026"]}, "/days_off/0", "2026-03-02"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(document: dict[str, Any], pointer: str, hint: str) -> None:
    with pytest.raises(Invalid) as caught:
        load_calendar({"key": "default"} | document)
    (error,) = caught.value.errors
    assert error.pointer == pointer
    assert hint in error.message


def test_a_calendar_of_another_country_forgets_the_subdivision() -> None:
    bavaria = load_calendar({"key": "default", "country": "de", "subdivision": "BY"})
    assert load_calendar({"key": "default", "country": "ES"}, existing=bavaria).subdivision is None
    assert load_calendar({"key": "default", "zone": "UTC"}, existing=bavaria) == bavaria
