"""What to say about an award, in the words its rule gives."""

from __future__ import annotations

from typing import Any

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


def messages_for(rule: Achievement, award: AwardRecord, view: View) -> list[dict[str, str]]:
    """Give what is owed to each audience for a granted award; nothing about somebody who opted out.

    Of somebody whose progress is private, the team hears nothing.
    """
    name = name_of(award.holder, view)
    step = f" {award.next_step}" if award.next_step else ""
    tier = f" ({award.tier})" if award.tier else ""
    texts = {
        "actor": f"{award.message}{step}",
        "manager": f"{name} earned {award.name}{tier}: {award.message}",
        "team": f"{name} earned {award.name}{tier}.",
    }
    timings = {"actor": rule.audience.actor, "manager": rule.audience.manager, "team": rule.audience.team}
    return [
        {"audience": audience, "when": timing.value, "text": texts[audience]}
        for audience, timing in timings.items()
        if timing is not Timing.NEVER and is_told(audience, award.holder, view.facts)
    ]
