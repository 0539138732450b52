"""Channels of Slack, by their incoming webhooks."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from milepost.delivery.addresses import read_url
from milepost.delivery.base import AddressRefused, Outcome, Parcel, Result
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.networks import AllowList
from milepost.delivery.wire import Answer, post, read_status

_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_WHERE = "In Slack: Apps, Incoming Webhooks, Add to Slack; then copy the link that begins with https://hooks.slack.com/services/."
_NEW_LINK = "Create a new link (2 min) and enter it here; what was not sent can then be sent again."
#: What Slack says about a place that is no more, and what that means.
_GONE = {
    "channel_is_archived": "Slack says this channel was archived. Bring it back in Slack, or choose another channel.",
    "channel_not_found": f"Slack says this channel does not exist any more. {_NEW_LINK}",
    "invalid_token": f"Slack says this link is not valid. {_NEW_LINK}",
    "no_active_hooks": f"Slack says this channel's link was switched off. {_NEW_LINK}",
    "no_service": f"Slack says this channel's link was switched off. {_NEW_LINK}",
    "no_service_id": f"Slack says this channel's link was switched off. {_NEW_LINK}",
    "no_team": f"Slack says this workspace does not exist any more. {_NEW_LINK}",
    "team_disabled": f"Slack says this workspace was switched off. {_NEW_LINK}",
    "user_not_found": f"Slack says the person this link writes to is not there any more. {_NEW_LINK}",
}
#: What Slack says about one message.
_PERMANENT = {
    "action_prohibited": (
        "Slack says an admin does not allow this. Ask who looks after Slack whether apps may write in this channel."
    ),
    "posting_to_general_channel_denied": (
        "Slack says only some people may write in this channel. Choose another channel, or ask who looks after Slack."
    ),
    "invalid_payload": "Slack could not read this message. The others are not affected; keep this line for a report.",
}

#: What a final status means where Slack says nothing that is known.
_FINAL = {400: "invalid_payload", 403: "action_prohibited", 404: "no_service", 410: "channel_is_archived"}


@dataclass(frozen=True, slots=True)
class Slack:
    """Sends messages as blocks."""

    allowed: AllowList

    def check(self, address: str) -> None:
        """Raise `AddressRefused` for an address that can never work."""
        url = read_url(address, self.allowed)
        if self.allowed.names(url.host, url.port):
            return
        if url.host not in _HOSTS or url.scheme != "https":
            raise AddressRefused(f"This is not the link of a Slack channel. {_WHERE}")
        if not url.path.startswith("/services/"):
            raise AddressRefused(
                f"This link of Slack starts a workflow or something else, and takes no messages. {_WHERE}"
            )

    def send(self, parcel: Parcel) -> Outcome:
        """Try once."""
        if parcel.message is None:
            return Outcome(Result.PERMANENT, "An event is for programs; Slack gets messages.")
        body = orjson.dumps(slack_payload(parcel.message))
        answer = post(parcel.address, body, {}, at=parcel.at, allowed=self.allowed)
        return answer if isinstance(answer, Outcome) else _judge(answer)


def _judge(answer: Answer) -> Outcome:
    """Read what Slack says: a word, in plain text."""
    status = answer.status_code
    if status not in _FINAL:
        return read_status(answer, name="Slack", sent="Shown in Slack.")
    word = answer.body.decode("utf-8", "replace").strip()
    if word not in _GONE and word not in _PERMANENT:
        word = _FINAL[status]
    if word in _GONE:
        return Outcome(Result.GONE, _GONE[word], status)
    return Outcome(Result.PERMANENT, _PERMANENT[word], status)
