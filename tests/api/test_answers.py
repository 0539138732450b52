from __future__ import annotations

from typing import Any

from marshmallow import fields

from milepost.schemas.answers import AnswerSchema, CheckInAnswerSchema, FrozenSchema, ToldEventSchema
from milepost.schemas.awards import AwardSchema, AwardWithHistorySchema

SELECTOR = {"type": "pipeline.updated"}
STREAK = {
    "key": "tidy",
    "name": "Tidy",
    "purpose": "The pipeline is up to date",
    "category": "consistency",
    "criterion": {"kind": "streak", "target": 1, "each": {"kind": "count", "target": 1, "of": SELECTOR}},
    "audience": {"actor": "instant", "manager": "weekly"},
    "state": "live",
}
NOTE = {
    **STREAK,
    "key": "noted",
    "name": "Noted",
    "criterion": {"kind": "count", "target": 9, "of": {**SELECTOR, "where": [{"property": "note", "present": True}]}},
}
EVENT = {"id": "crm-1", "type": "pipeline.updated", "actor": "ana@example.com", "subject": "deal-1"}


def misfits(schema: Any, document: dict[str, Any], place: str = "") -> list[str]:
    """Say where a document and the schema that describes it differ."""
    found = [f"{place}/{name} is not described" for name in document.keys() - schema.fields.keys()]
    found += [f"{place}/{name} is missing" for name in schema.fields.keys() - document.keys()]
    for name in document.keys() & schema.fields.keys():
        field, value = schema.fields[name], document[name]
        if value is None:
            found += [] if field.allow_none else [f"{place}/{name} is null"]
        elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            for item in value:
                found += misfits(field.inner.schema, item, f"{place}/{name}")
    return found


def test_every_answer_is_as_the_document_describes_it(admin: Any) -> None:
    """What OpenAPI promises is what comes, field by field."""
    for rule in (STREAK, NOTE):
        assert admin.put(f"/v1/achievements/{rule['key']}", json=rule).status_code == 200
    answer = admin.post("/v1/evaluate", json=EVENT).get_json()
    assert answer["awards"]
    assert answer["streaks"]
    assert answer["not_counted"]
    assert answer["messages"]
    award_id = answer["awards"][0]["id"]
    check_in = {"actor": "ana@example.com", "id": "crm-2"}
    freeze = {"actor": "ana@example.com", "day": "2026-03-03"}
    for schema, document in [
        (AnswerSchema(), answer),
        (CheckInAnswerSchema(), admin.post("/v1/streaks/tidy/check-ins", json=check_in).get_json()),
        (FrozenSchema(), admin.post("/v1/streaks/tidy/freezes", json=freeze).get_json()),
        (ToldEventSchema(), admin.get("/v1/events/crm-1").get_json()),
        (AwardSchema(), admin.get("/v1/awards").get_json()["items"][0]),
        (AwardWithHistorySchema(), admin.get(f"/v1/awards/{award_id}").get_json()),
        (AnswerSchema(), {"replayed": False, **admin.delete("/v1/events/crm-1").get_json()}),
    ]:
        assert misfits(schema, document, type(schema).__name__) == []
