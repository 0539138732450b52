from __future__ import annotations

from typing import Any

import pytest

from milepost.operations.services import Services
from milepost.storage.records import MappingRecord

MAPPING = {
    "source": "helpdesk",
    "zone": "Europe/Madrid",
    "events": [
        {
            "emit_when": [{"property": "status", "is": "solved"}],
            "id": "{id}-solved",
            "type": "ticket.solved",
            "actor": "{assignee}",
            "subject": "ticket-{id}",
            "occurred_at": {"path": "solved_at"},
        }
    ],
}
TICKET = {"id": 7, "status": "solved", "assignee": "Ana@Example.com", "solved_at": "2026-03-02T10:00:00"}


@pytest.fixture(autouse=True)
def mapping(services: Services) -> None:
    """Have a mapping for one source."""
    with services.store.transaction() as transaction:
        transaction.put_mapping(MappingRecord("helpdesk", MAPPING))


def test_a_webhook_body_becomes_an_event(admin: Any) -> None:
    """The source system is told nothing of Milepost's shapes."""
    answer = admin.post("/v1/sources/helpdesk", json=TICKET)
    assert answer.status_code == 200
    assert answer.get_json()["results"][0]["event_id"] == "7-solved"
    event = admin.get("/v1/events/7-solved").get_json()
    assert (event["actor"], event["occurred_at"]) == ("ana@example.com", "2026-03-02T09:00:00+00:00")


def test_the_same_webhook_again_is_a_replay(admin: Any) -> None:
    """Source systems repeat themselves."""
    admin.post("/v1/sources/helpdesk", json=TICKET)
    assert admin.post("/v1/sources/helpdesk", json=TICKET).get_json()["results"][0]["replayed"] is True


def test_a_payload_that_means_nothing_is_fine(admin: Any) -> None:
    """Most webhooks tell of something no rule looks at."""
    answer = admin.post("/v1/sources/helpdesk", json={**TICKET, "status": "open"})
    assert (answer.status_code, answer.get_json()["told"]) == (200, 0)


def test_what_cannot_be_read_is_told_with_its_row(admin: Any) -> None:
    """The rest is taken."""
    answer = admin.post("/v1/sources/helpdesk", json=[TICKET, {**TICKET, "id": 8, "solved_at": "soon"}])
    document = answer.get_json()
    assert (answer.status_code, document["told"], document["problems"][0]["row"]) == (207, 1, 2)


def test_what_has_not_happened_yet_is_refused(admin: Any) -> None:
    """As everywhere."""
    answer = admin.post("/v1/sources/helpdesk", json={**TICKET, "solved_at": "2026-04-02T10:00:00"})
    assert answer.status_code == 207
    assert answer.get_json()["results"][0]["status"] == 422


def test_an_unknown_source_is_told_those_there_are(admin: Any) -> None:
    """And where mappings come from."""
    answer = admin.post("/v1/sources/helpdsk", json=TICKET)
    assert answer.status_code == 404
    assert "helpdesk" in answer.get_json()["detail"]
