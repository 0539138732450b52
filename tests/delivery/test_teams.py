"""What Teams gets, and what its words mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.base import AddressRefused, Outcome, Parcel, Result
from milepost.delivery.networks import AllowList
from milepost.delivery.teams import Teams
from tests.delivery.conftest import MESSAGE
from tests.delivery.receivers import Receiver, answer
from tests.delivery.shapes import teams_problems

MakeParcel = Callable[..., Parcel]

SIGNED = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s3cret"
OLD = f"https://prod-12.westeurope.logic.azure.com:443/workflows/0a/triggers/manual/paths/invoke?{SIGNED}"
NEW = (
    f"https://default0a.0b.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a?{SIGNED}"
)


@pytest.fixture
def teams(receiver: Receiver) -> Teams:
    """Make the transport, with a receiver that plays Teams."""
    return Teams(AllowList((receiver.allowed,)))


@pytest.mark.parametrize("status", [200, 202])
def test_teams_gets_a_card(status: int, teams: Teams, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """The words do not say that it was shown: Teams answers before it looks."""
    receiver.will(answer(status, b""))
    outcome = teams.send(make_parcel(receiver.url(f"/workflows/0a?{SIGNED}")))
    assert outcome == Outcome(Result.SENT, "Handed to Teams.", status)
    (arrival,) = receiver.arrivals
    assert arrival.path == f"/workflows/0a?{SIGNED}"
    assert arrival.json == teams_payload(MESSAGE)
    assert teams_problems(arrival.json) == []


@pytest.mark.parametrize(
    ("status", "body", "result", "words"),
    [
        (400, b'{"error":{"code":"InvalidRequestContent"}}', Result.PERMANENT, "could not read this message"),
        (400, b'{"error":{"code":"WorkflowTriggerIsNotEnabled"}}', Result.GONE, "removed or switched off"),
        (401, b'{"error":{"code":"DirectApiAuthorizationRequired"}}', Result.GONE, "may not be used"),
        (403, b"", Result.GONE, "may not be used"),
        (404, b'{"error":{"code":"WorkflowNotFound"}}', Result.GONE, "removed or switched off"),
        (410, b"", Result.GONE, "removed or switched off"),
        (413, b"Request Entity Too Large", Result.PERMANENT, "too large"),
        (429, b"", Result.PASSING, "asks to send less"),
        (502, b'{"error":{"code":"NoResponse"}}', Result.PASSING, "is in trouble (502)"),
        (308, b"", Result.PASSING, "has moved"),
    ],
)
def test_what_teams_says_is_read(
    status: int, body: bytes, result: Result, words: str, teams: Teams, receiver: Receiver, make_parcel: MakeParcel
) -> None:
    """Whether it passes, whether the message or the place is at fault, and what to do."""
    receiver.will(answer(status, body))
    outcome = teams.send(make_parcel(receiver.url()))
    assert (outcome.result, outcome.status_code) == (result, status)
    assert words in outcome.words


def test_teams_gets_no_events(teams: Teams, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """Those are for programs."""
    assert teams.send(make_parcel(receiver.url(), message=None)).result is Result.PERMANENT
    assert receiver.arrivals == []


@pytest.mark.parametrize("address", [OLD, NEW, "http://teams.internal/x"])
def test_links_of_workflows_are_taken(address: str) -> None:
    """Both forms that Microsoft gives out."""
    Teams(AllowList(("teams.internal",))).check(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.webhook.office.com/webhookb2/0a@0b/IncomingWebhook/0c/0d", "switched these links off"),
        ("https://outlook.office.com/webhook/0a@0b/IncomingWebhook/0c", "switched these links off"),
        ("https://teams.microsoft.com/l/channel/0a", "not the link of a Teams workflow"),
        ("https://logic.azure.com/workflows/0a?sig=x", "not the link of a Teams workflow"),
        ("https://logic.azure.com.example.com/?sig=x", "not the link of a Teams workflow"),
        (OLD.replace("https", "http"), "read along"),
        (OLD.partition("&")[0], "sig= is missing"),
        (OLD.replace("&", "&amp;"), "in place of &amp;"),
        (OLD.removesuffix("s3cret"), "sig= is missing"),
    ],
)
def test_other_links_are_refused_with_the_way_to_the_right_one(address: str, words: str) -> None:
    """Those of Office 365 connectors above all."""
    with pytest.raises(AddressRefused, match=words) as refused:
        Teams(AllowList()).check(address)
    assert "s3cret" not in str(refused.value)
