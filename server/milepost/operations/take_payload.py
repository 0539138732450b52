"""Take the payload of a source system as it is: map it, then tell what was found in it."""

from __future__ import annotations

from typing import Any

from milepost.errors import Problem
from milepost.operations.find_mapping import find_mapping
from milepost.operations.record_event import tell_each
from milepost.operations.services import Services
from milepost.operations.tell_mapped import events_to_tell, save_mapped_people
from milepost.schemas.events import Loaded, future_problem
from milepost.schemas.mapped import RowProblem, apply_mapping


def take_payload(services: Services, source: str, payload: Any, *, told_by: str) -> dict[str, Any]:
    """Give the answer for each event found, and a problem for each row that could not be read.

    Raises `NotFound` for a source without a mapping.
    """
    mapped = apply_mapping(find_mapping(services, source), payload)
    people = save_mapped_people(services, source, mapped.people)
    now = services.clock()
    with services.store.transaction() as tx:
        tx.lock_everything()
        events = events_to_tell(tx, source, mapped.events, mapped.once)
        loaded = [future_problem(event, now=now) or Loaded(event) for event in events]
        told = tell_each(tx, services, loaded, told_by=told_by)
    return {
        "source": source,
        "told": sum(not isinstance(one, Problem) for one in told),
        "people": people,
        "results": [one.document() if isinstance(one, Problem) else one for one in told],
        "problems": [_row_document(problem) for problem in mapped.problems],
    }


def _row_document(problem: RowProblem) -> dict[str, Any]:
    return {"row": problem.row, "reason": problem.reason}
