"""Try a rule before it is in force: what a change would do, and what the past would have given."""

from __future__ import annotations

from typing import Any

from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.api.naming import named_by_address
from milepost.engine.achievements import State
from milepost.operations.backtest import backtest
from milepost.operations.backtest_report import report
from milepost.operations.preview_change import Proposal, preview_change
from milepost.schemas.achievements import RuleDocumentSchema
from milepost.schemas.keys import Scope
from milepost.schemas.trials import BacktestQuerySchema, BacktestSchema, PreviewSchema, ProposalSchema

door = Door("trials", __name__, url_prefix="/v1/achievements", description="Rules tried before they are in force.")


@door.route("/<key>/preview", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(ProposalSchema)
@door.response(200, PreviewSchema)
def preview(proposed: dict[str, Any], key: str) -> dict[str, Any]:
    """Show what a change would do to awards, for both choices about the past; nothing is kept."""
    document, state = proposed["document"], proposed["state"]
    proposal = Proposal(
        key,
        document=named_by_address(document, "key", key) if document is not None else None,
        state=State(state) if state else None,
        version=proposed["version"],
    )
    return preview_change(services(), proposal)


@door.route("/backtest", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(RuleDocumentSchema)
@door.arguments(BacktestQuerySchema, location="query")
@door.response(200, BacktestSchema)
def try_document(document: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Try a document that nobody has saved on the recorded events; nothing is kept."""
    return report(backtest(services(), document=document, since=query["since"]))


@door.route("/<key>/backtest", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(RuleDocumentSchema, location="json_or_nothing", required=False)
@door.arguments(BacktestQuerySchema, location="query")
@door.response(200, BacktestSchema)
def try_achievement(document: dict[str, Any], query: dict[str, Any], key: str) -> dict[str, Any]:
    """Try a stored achievement, or a changed document of it in the body, on the recorded events; nothing is kept."""
    changed = named_by_address(document, "key", key) if document else None
    return report(backtest(services(), key=key, document=changed, since=query["since"]))
