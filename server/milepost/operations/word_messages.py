"""What to say about an award, in the words its rule gives."""

from __future__ import annotations

from typing import Any

from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.message import Line, Message, Section
from milepost.engine.achievements import Achievement
from milepost.engine.judge import Earning
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Timing
from milepost.engine.views import View
from milepost.operations.name_holder import known_name
from milepost.operations.visibility import is_told
from milepost.schemas.templates import render_template
from milepost.storage.records import AwardRecord


def word_message(
    rule: Achievement, earning: Earning, holder: Holder, view: View, points: int
) -> tuple[str, str | None]:
    """Give the message and the next step of an award."""
    name = name_of(holder, view)
    last = next((one for one in reversed(view.owned) if one.event.id in earning.evidence), None)
    values: dict[str, Any] = {
        "actor": {"name": name, "first_name": name.split(" ", maxsplit=1)[0]},
        "holder": {"name": name},
        "achievement": {"name": rule.name, "purpose": rule.purpose},
        "tier": earning.tier,
        "points": points,
        "progress": {"current": plain_number(float(earning.value)), "target": plain_number(float(earning.target))},
        "subject": last.event.subject if last else None,
    }
    tier = f" ({earning.tier})" if earning.tier else ""
    message = render_template(rule.message, values) if rule.message else f"{name} earned {rule.name}{tier}."
    return message, render_template(rule.next_step, values) if rule.next_step else None


def name_of(holder: Holder, view: View) -> str:
    """Give the name people know a holder by; of an unknown one the id without its address part."""
    short = holder.id if holder.kind is HolderKind.TEAM else holder.id.split("@", maxsplit=1)[0]
    return known_name(holder, view.facts) or short


def plain_number(value: float) -> int | float:
    """Give a whole number without a decimal point, any other with four places at most."""
    return int(value) if value == int(value) else round(value, 4)


def messages_for(rule: Achievement, award: AwardRecord, view: View) -> list[dict[str, Any]]:
    """Give what is owed to each audience for a granted award, as each place takes it.

    Nothing about somebody who opted out; of somebody whose progress is private, the team hears nothing.
    """
    timings = {"actor": rule.audience.actor, "manager": rule.audience.manager, "team": rule.audience.team}
    worded = word_award(award, name_of(award.holder, view))
    return [
        {
            "audience": audience,
            "when": timing.value,
            "text": worded[audience].text,
            "slack": slack_payload(worded[audience]),
            "teams": teams_payload(worded[audience]),
        }
        for audience, timing in timings.items()
        if timing is not Timing.NEVER and is_told(audience, award.holder, view.facts)
    ]


def word_award(award: AwardRecord, name: str) -> dict[str, Message]:
    """Word a granted award of somebody called *name* for each audience."""
    step = f" {award.next_step}" if award.next_step else ""
    achievement = f"{award.name} ({award.tier})" if award.tier else award.name
    earned = f"{name} earned {achievement}"
    said = award.message or f"{earned}."
    return {
        "actor": _message(award, achievement, f"{said}{step}", Line(said, award.next_step)),
        "manager": _message(award, earned, f"{earned}: {said}", Line(said)),
        "team": _message(award, achievement, f"{earned}.", Line(f"{earned}.")),
    }


def _message(award: AwardRecord, title: str, text: str, line: Line) -> Message:
    return Message(award.id, title, text, (Section((line,)),))
