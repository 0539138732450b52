"""Channels and chats of Microsoft Teams, by the webhooks of its workflows."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.addresses import Url, read_url
from milepost.delivery.base import AddressRefused, Outcome, Parcel, Result
from milepost.delivery.networks import AllowList
from milepost.delivery.wire import Answer, post, read_status

_HOSTS = (".logic.azure.com", ".environment.api.powerplatform.com")
#: The links of Office 365 connectors, which Microsoft has switched off.
_RETIRED_HOSTS = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
_STEPS = (
    "In Teams: the three dots of the channel, Workflows, “Post to a channel when a webhook request is received”, Next, "
    "Add workflow; then copy the link it shows."
)
_NOT_ALLOWED = (
    "Teams says this link may not be used: its signature is wrong or was renewed, or the workflow takes calls of "
    "certain people only. Copy the whole link again, and let “Anyone” trigger the workflow."
)
_NO_WORKFLOW = f"Teams says this workflow was removed or switched off. Switch it on, or make a new one. {_STEPS}"
_OFF_WORDS = (b"WorkflowTriggerIsNotEnabled", b"WorkflowNotFound", b"WorkflowTriggerNotFound", b"WorkflowDisabled")


@dataclass(frozen=True, slots=True)
class Teams:
    """Sends messages as Adaptive Cards."""

    allowed: AllowList

    def check(self, address: str) -> None:
        """Raise `AddressRefused` for an address that can never work."""
        url = read_url(address, self.allowed)
        if self.allowed.names(url.host, url.port):
            return
        if url.host.endswith(_RETIRED_HOSTS):
            raise AddressRefused(f"Microsoft switched these links off in 2026. Here is the new way. {_STEPS}")
        if not url.host.endswith(_HOSTS) or url.scheme != "https":
            raise AddressRefused(f"This is not the link of a Teams workflow. {_STEPS}")
        _check_signature(url)

    def send(self, parcel: Parcel) -> Outcome:
        """Try once."""
        if parcel.message is None:
            return Outcome(Result.PERMANENT, "An event is for programs; Teams gets messages.")
        body = orjson.dumps(teams_payload(parcel.message))
        answer = post(parcel.address, body, {}, at=parcel.at, allowed=self.allowed)
        return answer if isinstance(answer, Outcome) else _judge(answer)


def _check_signature(url: Url) -> None:
    """Refuse a link that lost its secret on the way here."""
    fields = url.query.split("&")
    if any(one.startswith("amp;") for one in fields):
        raise AddressRefused("This link was copied from the source of a page: write & in place of &amp;.")
    if not any(one.startswith("sig=") and len(one) > len("sig=") for one in fields):
        raise AddressRefused(
            "This link ends too early: the part with sig= is missing. Copy the whole link; if it has none, let "
            "“Anyone” trigger the workflow, save it, and copy the link again."
        )


def _judge(answer: Answer) -> Outcome:
    """Read what the workflow service says; it answers before the workflow runs."""
    status = answer.status_code
    if status in {404, 410} or any(word in answer.body for word in _OFF_WORDS):
        return Outcome(Result.GONE, _NO_WORKFLOW, status)
    match status:
        case 401 | 403:
            return Outcome(Result.GONE, _NOT_ALLOWED, status)
        case 400:
            words = "Teams could not read this message. The others are not affected; keep this line for a report."
            return Outcome(Result.PERMANENT, words, status)
        case 413:
            return Outcome(Result.PERMANENT, "Teams says this message is too large.", status)
        case _:
            return read_status(answer, name="Teams", sent="Handed to Teams.")
