"""What Slack gets, and what its words mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milepost.delivery.base import AddressRefused, Outcome, Parcel, Result
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.networks import AllowList
from milepost.delivery.slack import Slack
from tests.delivery.conftest import MESSAGE
from tests.delivery.receivers import Receiver, answer
from tests.delivery.shapes import slack_problems

MakeParcel = Callable[..., Parcel]


@pytest.fixture
def slack(receiver: Receiver) -> Slack:
    """Make the transport, with a receiver that plays Slack."""
    return Slack(AllowList((receiver.allowed,)))


def test_slack_gets_blocks_and_nothing_else(slack: Slack, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """The exact bytes follow from the message; no signature goes along."""
    outcome = slack.send(make_parcel(receiver.url("/services/T0/B0/x"), secrets=("x" * 24,)))
    assert outcome == Outcome(Result.SENT, "Shown in Slack.", 200)
    (arrival,) = receiver.arrivals
    assert arrival.json == slack_payload(MESSAGE)
    assert slack_problems(arrival.json) == []
    assert arrival.headers["content-type"] == "application/json"
    assert "webhook-signature" not in arrival.headers


@pytest.mark.parametrize(
    ("status", "body", "result", "words"),
    [
        (400, b"invalid_payload", Result.PERMANENT, "could not read this message"),
        (400, b"user_not_found", Result.GONE, "not there any more"),
        (403, b"action_prohibited", Result.PERMANENT, "does not allow this"),
        (403, b"posting_to_general_channel_denied", Result.PERMANENT, "Choose another channel"),
        (403, b"invalid_token", Result.GONE, "link is not valid"),
        (403, b"team_disabled", Result.GONE, "workspace was switched off"),
        (404, b"no_service", Result.GONE, "Slack says this channel's link was switched off. Create a new link (2 min)"),
        (404, b"no_team", Result.GONE, "workspace does not exist"),
        (404, b"channel_not_found\n", Result.GONE, "channel does not exist"),
        (404, b"<html>", Result.GONE, "link was switched off"),
        (410, b"channel_is_archived", Result.GONE, "channel was archived"),
        (429, b"rate_limited", Result.PASSING, "asks to send less"),
        (500, b"rollup_error", Result.PASSING, "is in trouble (500)"),
        (503, b"\xff\xfe", Result.PASSING, "is in trouble (503)"),
        (302, b"", Result.PASSING, "has moved"),
        (418, b"", Result.PASSING, "did not take it (418)"),
    ],
)
def test_what_slack_says_is_read(
    status: int, body: bytes, result: Result, words: str, slack: Slack, receiver: Receiver, make_parcel: MakeParcel
) -> None:
    """Whether it passes, whether the message or the place is at fault, and what to do."""
    receiver.will(answer(status, body))
    outcome = slack.send(make_parcel(receiver.url("/services/T0/B0/x")))
    assert (outcome.result, outcome.status_code) == (result, status)
    assert words in outcome.words
    assert "127.0.0.1" not in outcome.words


def test_slack_says_when_to_come_again(slack: Slack, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """It is a matter of seconds."""
    receiver.will(answer(429, b"rate_limited", retry_after="30"))
    wait = slack.send(make_parcel(receiver.url())).retry_after
    assert wait is not None
    assert wait.total_seconds() == 30


def test_slack_gets_no_events(slack: Slack, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """Those are for programs."""
    assert slack.send(make_parcel(receiver.url(), message=None)).result is Result.PERMANENT
    assert receiver.arrivals == []


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://hooks.slack-gov.com/services/T000/B000/XXXX",
        "http://mattermost.internal:8065/hooks/xyz",
    ],
)
def test_links_of_channels_are_taken(address: str) -> None:
    """Also those of other servers that speak as Slack does, where the owner allowed them."""
    Slack(AllowList(("mattermost.internal:8065",))).check(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.slack.com/archives/C000", "not the link of a Slack channel"),
        ("https://hooks.slack.com.example.com/services/T/B/X", "not the link of a Slack channel"),
        ("https://hooks.slack.com:8443@127.0.0.1/services/T/B/X", "before the host"),
        ("http://hooks.slack.com/services/T/B/X", "read along"),
        ("https://hooks.slack.com/workflows/T/A/1/x", "starts a workflow"),
        ("https://hooks.slack.com/triggers/T/1/x", "starts a workflow"),
        ("https://hooks.slack.com/", "starts a workflow"),
    ],
)
def test_other_links_are_refused_with_the_way_to_the_right_one(address: str, words: str) -> None:
    """Whoever copied the wrong one learns where the right one is."""
    with pytest.raises(AddressRefused, match=words):
        Slack(AllowList()).check(address)
