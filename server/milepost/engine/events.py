"""What actors did: events, as the engine sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once, told by a source system.

    An event names its *actor*, or only its *subject* (a customer reopened a
    ticket); one without both concerns nobody and counts for nothing.
    """

    id: str
    #: Dotted, past tense: ``ticket.solved``.
    type: str
    #: Aware, in UTC.
    occurred_at: datetime
    actor: str | None = None
    #: The record it happened to: ``ticket-123``.
    subject: str | None = None
    #: JSON values as they were told; often strings.
    properties: Mapping[str, Any] = field(default_factory=dict)
    #: When the record was last changed at its source, aware, in UTC. Of two
    #: revisions the one with the later *revised_at* counts; without it, the one told last.
    revised_at: datetime | None = None
