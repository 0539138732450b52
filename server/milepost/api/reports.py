"""Reports: what can be said about many, and about nobody in particular."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.operations.report_attention import report_attention
from milepost.schemas.keys import Scope
from milepost.schemas.reports import LONGEST, AttentionSchema, SpanQuerySchema

door = Door("reports", __name__, url_prefix="/v1/reports", description="What can be said about many people at once.")

#: What is looked at unless something else is asked for.
USUAL_SPAN = timedelta(weeks=8)


@door.route("/attention")
@needs(Scope.READ)
@door.arguments(SpanQuerySchema, location="query")
@door.response(200, AttentionSchema)
def attention(span: dict[str, Any]) -> Response:
    """Show how many messages were sent, opened and followed each week, and how many people looked."""
    until = span["until"] or services().clock()
    since = max(span["since"] or until - USUAL_SPAN, until - LONGEST)
    return answer(report_attention(services(), since=since, until=until))
