"""Judge everything again from the events alone, and count what came too late."""

from __future__ import annotations

from dataclasses import dataclass, replace

from milepost.operations.rejudge import rejudge_everything
from milepost.operations.services import Services


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild changed."""

    late_events: int
    granted: int
    revoked: int


def rebuild(services: Services) -> Rebuilt:
    """Recompute all awards in one transaction; late events count from now on."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        late = [record for record in tx.events() if record.too_late]
        for record in late:
            tx.put_event(replace(record, too_late=False))
        steps = rejudge_everything(tx, services, holders=None, achievements=None, cause="rebuild").steps
        granted, lost = (sum(getattr(step, name) for step in steps) for name in ("is_grant", "is_loss"))
        return Rebuilt(len(late), granted, lost)
