"""Write the build sheet of a Zap: what to choose and to fill in, step by step, for people without an import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: The fields of the app's step Record Event, as people see them in Zapier; tests compare them with ``zapier_app``.
FIELDS = {
    "type": "Event Type",
    "actor": "Person",
    "subject": "Subject",
    "event_id": "Event Key",
    "occurred_at": "Occurred At",
    "revised_at": "Revised At",
    "properties": "Properties",
    "deduplication_key": "Deduplication Key",
}
#: The steps that our Zaps are made of, by the action's key: app and event, as Zapier's editor names them.
STEPS = {
    "hook_v2": ("Webhooks by Zapier, or your own app", "Catch Hook, or whatever starts when it happened"),
    "record_event": ("Milepost", "Record Event"),
    "filter": ("Filter by Zapier", "Only continue if all of these hold"),
    "channel_message": ("Slack", "Send Direct Message; Send Channel Message in an imported file"),
}
_COMPARISONS = {"igreater": "(Number) Greater than", "iexact": "(Text) Exactly matches"}
_SLACK_FIELDS = {"channel": "To", "text": "Message Text", "as_bot": "Send as a bot"}
_LEFT_TO_PEOPLE = (
    "*2. awards holder*, by a step Find User by Email before this one; a channel would be read by everybody"
)

_OPENING = """\
# {title}

Build it by hand in about five minutes, on any plan that has these steps. On a Team or Enterprise plan the file
`{slug}.zap.json` may be imported instead: `milepost recipe export {slug} --for zapier` writes it for your app.
Its shape was compared with public exports. **Import untested.**

The connection to Milepost: *Server Address* `{address}`, *API Key* a key with the scopes `evaluate` and `read`.

The trigger's fields are those of the example events, which the same command writes. From a trigger of your own app
map the same things: *1. id* is then whatever stays the same when the record is told again.
"""
_WITHOUT_APP = """\

## Without the Milepost app

In place of its step: Webhooks by Zapier, *POST* (a paid feature).

| field | value |
|---|---|
| URL | `{address}/v1/evaluate` |
| Payload Type | `form` |
{data}
| Headers | `X-API-Key`: your Milepost key; `Idempotency-Key`: *1. id* and *1. revised_at* |
"""
_CLOSING = """
Only the person is told here. Managers and teams get Milepost's own digest. Where Milepost itself tells people in Slack,
leave out the last two steps.
"""
#: What the call itself names otherwise than the step of the app.
_ON_THE_WIRE = {"event_id": "id"}


def write_build_sheet(zaps: dict[str, Any], *, slug: str, address: str) -> str:
    """Give the build sheet of a Zap file as Markdown."""
    (zap,) = zaps["zaps"]
    nodes = list(zap["nodes"].values())
    recorded = next(node for node in nodes if node["action"] == "record_event")
    return "".join(
        [
            _OPENING.format(title=zap["title"], slug=slug, address=address),
            *(_write_step(node) for node in nodes),
            _CLOSING,
            _WITHOUT_APP.format(address=address, data="\n".join(_data_rows(recorded["params"]))),
        ]
    )


def _write_step(node: dict[str, Any]) -> str:
    app, event = STEPS[node["action"]]
    heading = node["meta"].get("stepTitle") or "Something happened"
    rows = "".join(f"| {field} | {value} |\n" for field, value in _rows(node))
    table = f"\n| field | value |\n|---|---|\n{rows}" if rows else ""
    return f"\n## Step {node['id']}: {heading}\n\n**App** {app} · **Event** {event}\n{table}"


def _rows(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if node["type_of"] == "filter":
        for test in node["params"]["filter_criteria"]:
            yield _shown(f"{{{{{test['key']}}}}}"), f"{_COMPARISONS[test['match']]} `{test['value']}`"
        return
    names = FIELDS if node["action"] == "record_event" else _SLACK_FIELDS
    for key, value in node["params"].items():
        if isinstance(value, dict):
            yield from ((f"{names[key]}: `{name}`", _shown(inner)) for name, inner in value.items())
        else:
            yield names[key], _shown(value) if value else _LEFT_TO_PEOPLE


def _data_rows(params: dict[str, Any]) -> Iterator[str]:
    for key, value in params.items():
        pairs = {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value}
        for name, inner in pairs.items():
            yield f"| Data: `{_ON_THE_WIRE.get(name, name)}` | {_shown(inner)} |"


def _shown(value: str) -> str:
    """Give a mapped value as the editor shows it: step, then field."""
    if not value.startswith("{{"):
        return f"`{value}`"
    step, *path = value.strip("{}").split("__")
    return f"*{step}. {' '.join(path)}*"
