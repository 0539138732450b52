"""Tell the stories of recipes again, in the words of the systems that would tell them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from milepost.schemas.events import event_document
from milepost.schemas.mapped import apply_mapping
from milepost.schemas.mappings import parse_mapping
from milepost.schemas.recipes import Recipe

#: From a story's event to the values that differ from the example payload, by path.
Changes = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class RetoldStory:
    """How one system tells the story of one recipe."""

    recipe: str
    source: str
    #: How many steps of the story it can tell.
    steps: int
    #: What the system calls a record: ``ticket-101`` becomes ``zendesk-101``.
    subjects: Mapping[str, str]
    #: Event type to the name of an example payload, and what is different in it.
    told: Mapping[str, tuple[str, Changes]]
    #: Achievements that need what the system does not tell.
    without: frozenset[str] = frozenset()


def retell(recipe: Recipe, story: RetoldStory) -> list[dict[str, Any]]:
    """Give the story with each event as the system's mapping makes it; what it does not tell stays as it is."""
    return [_retold_step(recipe, story, step) for step in recipe.story[: story.steps]]


def _retold_step(recipe: Recipe, story: RetoldStory, step: Mapping[str, Any]) -> dict[str, Any]:
    retold = deepcopy(dict(step))
    if "tell" in step:
        tell = step["tell"] if isinstance(step["tell"], list) else [step["tell"]]
        retold["tell"] = [_retold_event(recipe, story, event) for event in tell]
    reasons = retold.get("expect", {}).get("reasons", {})
    for key in story.without & reasons.keys():
        del reasons[key]
    return retold


def _retold_event(recipe: Recipe, story: RetoldStory, event: Mapping[str, Any]) -> dict[str, Any]:
    if event["type"] not in story.told:
        return {**event, "subject": _subject(story, event["subject"])}
    name, changes = story.told[event["type"]]
    payload = _example(story.source, name)
    for path, value in changes(event).items():
        _put(payload, path, value)
    (mapping,) = [parse_mapping(document) for document in recipe.mappings if document["source"] == story.source]
    mapped = apply_mapping(mapping, payload)
    assert mapped.problems == ()
    (found,) = [one for one in mapped.events if one.type == event["type"]]
    assert found.subject == _subject(story, event["subject"])
    return event_document(found)


def _subject(story: RetoldStory, subject: str) -> str:
    kind, _, number = subject.partition("-")
    return f"{story.subjects[kind]}{number}" if kind in story.subjects else subject


def _example(source: str, name: str) -> Any:
    path = Path(__file__).parent / "payloads" / f"{source}.json"
    return json.loads(path.read_text("utf-8"))["cases"][name]["payload"]


def _put(payload: Any, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    place = payload
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value


def number(event: Mapping[str, Any]) -> str:
    """Give the number of the record that an event of a story is about."""
    return str(event["subject"]).rpartition("-")[2]


def unix(event: Mapping[str, Any]) -> int:
    """Give when an event happened, in seconds since 1970."""
    return int(datetime.fromisoformat(event["occurred_at"]).timestamp())


def of(event: Mapping[str, Any], name: str) -> Any:
    """Give a property of an event, or None."""
    return event.get("properties", {}).get(name)


TICKETS = {"zendesk": "zendesk-", "freshdesk": "freshdesk-", "intercom": "intercom-"}
HELPDESKS = [
    RetoldStory(
        recipe="helpdesk-sla",
        source="zendesk",
        steps=9,  # it does not tell of a solved ticket again when its tags are corrected
        subjects={"ticket": TICKETS["zendesk"]},
        told={
            "ticket.solved": (
                "solved",
                lambda event: {
                    "detail.id": number(event),
                    "detail.assignee_id": event["actor"],
                    "detail.tags": ["sla_met" if of(event, "within_sla") else "sla_missed"],
                    "time": event["occurred_at"],
                },
            ),
            "ticket.reopened": (
                "reopened",
                lambda event: {"detail.id": number(event), "id": event["id"], "time": event["occurred_at"]},
            ),
        },
    ),
    RetoldStory(
        recipe="helpdesk-sla",
        source="freshdesk",
        steps=12,
        subjects={"ticket": TICKETS["freshdesk"]},
        told={
            "ticket.solved": (
                "solved",
                lambda event: {
                    "id": int(number(event)),
                    "responder_id": event["actor"],
                    "stats.resolved_at": event["occurred_at"],
                    "due_by": "2026-03-31T00:00:00Z" if of(event, "within_sla") else "2026-03-01T00:00:00Z",
                    "updated_at": event["occurred_at"],
                },
            ),
            "ticket.reopened": (
                "reopened",
                lambda event: {"id": int(number(event)), "stats.reopened_at": event["occurred_at"]},
            ),
        },
    ),
    RetoldStory(
        recipe="helpdesk-sla",
        source="intercom",
        steps=12,
        subjects={"ticket": TICKETS["intercom"]},
        told={
            "ticket.solved": (
                "solved",
                lambda event: {
                    "data.item.id": number(event),
                    "data.item.statistics.last_closed_by_id": event["actor"],
                    "data.item.statistics.last_close_at": unix(event),
                    "data.item.updated_at": unix(event),
                    "data.item.sla_applied.sla_status": "hit" if of(event, "within_sla") else "missed",
                },
            ),
            "ticket.reopened": (
                "reopened",
                lambda event: {"data.item.id": number(event), "data.item.updated_at": unix(event)},
            ),
        },
    ),
]
#: A later save is an event of its own, so a CRM cannot tell of the correction in the fifth step.
CRMS = [
    RetoldStory(
        recipe="crm-hygiene",
        source="hubspot",
        steps=4,
        subjects={"deal": "hubspot-deal-"},
        told={
            "deal.updated": (
                "deal-saved",
                lambda event: {
                    "id": number(event),
                    "updatedAt": event["occurred_at"],
                    "properties.hubspot_owner_id": event["actor"],
                    "properties.amount": of(event, "amount"),
                    "properties.notes_next_activity_date": of(event, "next_step_on"),
                },
            ),
        },
    ),
    RetoldStory(
        recipe="crm-hygiene",
        source="pipedrive",
        steps=4,
        subjects={"deal": "pipedrive-deal-"},
        told={
            "deal.updated": (
                "deal-saved",
                lambda event: {
                    "data.id": int(number(event)),
                    "data.update_time": event["occurred_at"],
                    "meta.user_id": event["actor"],
                    "data.value": of(event, "amount"),
                    "next_activity.due_date": of(event, "next_step_on"),
                },
            ),
        },
    ),
    RetoldStory(
        recipe="crm-hygiene",
        source="salesforce",
        steps=4,
        subjects={"deal": "salesforce-0065e00000ABC"},
        told={
            "deal.updated": (
                "deal-saved",
                lambda event: {
                    "Id": f"0065e00000ABC{number(event)}",
                    "LastModifiedDate": event["occurred_at"],
                    "LastModifiedById": event["actor"],
                    "Amount": of(event, "amount"),
                    "OpenActivities.records": [{"ActivityDate": of(event, "next_step_on")}],
                },
            ),
        },
    ),
]
#: No CRM tells how long a lead had been silent.
DORMANT = frozenset({"dormant-leads-met"})
SALES = [
    RetoldStory(
        recipe="sales-sequence",
        source="hubspot",
        steps=5,
        subjects={"lead": "hubspot-contact-"},
        without=DORMANT,
        told={
            "meeting.booked": (
                "meeting-booked",
                lambda event: {
                    "id": number(event),
                    "associations.contacts.results": [{"id": number(event)}],
                    "properties.hubspot_owner_id": event["actor"],
                    "properties.hs_createdate": event["occurred_at"],
                    "updatedAt": event["occurred_at"],
                },
            ),
            "meeting.cancelled": (
                "meeting-cancelled",
                lambda event: {
                    "id": number(event),
                    "associations.contacts.results": [{"id": number(event)}],
                    "updatedAt": event["occurred_at"],
                },
            ),
            "meeting.missed": (
                "meeting-missed",
                lambda event: {
                    "id": number(event),
                    "associations.contacts.results": [{"id": number(event)}],
                    "properties.hs_meeting_end_time": event["occurred_at"],
                    "updatedAt": event["occurred_at"],
                },
            ),
        },
    ),
    RetoldStory(
        recipe="sales-sequence",
        source="pipedrive",
        steps=5,
        subjects={"lead": "pipedrive-person-"},
        without=DORMANT,
        told={
            "meeting.booked": (
                "meeting-booked",
                lambda event: {
                    "data.id": number(event),
                    "data.person_id": number(event),
                    "data.owner_id": event["actor"],
                    "data.add_time": event["occurred_at"],
                },
            ),
            "meeting.cancelled": (
                "meeting-deleted",
                lambda event: {
                    "meta.entity_id": number(event),
                    "previous.person_id": number(event),
                    "meta.timestamp": event["occurred_at"],
                },
            ),
        },
    ),
    RetoldStory(
        recipe="sales-sequence",
        source="salesforce",
        steps=5,
        subjects={"lead": "salesforce-00Q5e000003Kl"},
        without=DORMANT,
        told={
            "meeting.booked": (
                "meeting-booked",
                lambda event: {
                    "Id": f"00U5e000009Pq{number(event)}",
                    "WhoId": f"00Q5e000003Kl{number(event)}",
                    "OwnerId": event["actor"],
                    "CreatedDate": event["occurred_at"],
                },
            ),
            "meeting.cancelled": (
                "meeting-deleted",
                lambda event: {
                    "Id": f"00U5e000009Pq{number(event)}",
                    "WhoId": f"00Q5e000003Kl{number(event)}",
                    "LastModifiedDate": event["occurred_at"],
                },
            ),
        },
    ),
]
SHOPS = [
    RetoldStory(
        recipe="fulfilment-quality",
        source="shopify",
        steps=6,
        subjects={"order": "shopify-order-"},
        told={
            "order.shipped": (
                "shipped",
                lambda event: {
                    "id": int(number(event)),
                    "order_id": int(number(event)),
                    "packed_by": event["actor"],
                    "created_at": event["occurred_at"],
                    "updated_at": event["occurred_at"],
                    "promised_by": "2026-03-31" if of(event, "on_time") else "2026-03-01",
                },
            ),
        },
    ),
]
STORIES = [*HELPDESKS, *CRMS, *SALES, *SHOPS]
