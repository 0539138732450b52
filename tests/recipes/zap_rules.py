"""What an exported Zap looks like, as far as public exports show it; Zapier publishes no schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_NODE = {
    "id",
    "paused",
    "type_of",
    "params",
    "meta",
    "triple_stores",
    "parent_id",
    "root_id",
    "action",
    "selected_api",
    "title",
    "authentication_id",
}
_TRIPLE_STORES = {
    "copied_from": None,
    "created_by": None,
    "polling_interval_override": 0,
    "block_and_release_limit_override": 0,
    "spread_tasks": 1,
}
#: Actions and comparisons that were seen in exports; ours is the app's own step.
_SEEN = {
    ("read", "WebHookCLIAPI", "hook_v2"),
    ("write", "SlackCLIAPI", "channel_message"),
    ("filter", "FilterAPI", "filter"),
}
_COMPARISONS = {"iexact", "icontains", "iexist", "igreater", "iless"}
_API = re.compile(r"FilterAPI|\w+CLIAPI@\d+\.\d+\.\d+")
_SECRET = re.compile(r"mp_[0-9A-Za-z]{20}|hooks\.(?:zapier|slack)\.com|[\w.%+-]+@(?!example\.)[\w-]+\.[a-z]{2,}")

Json = dict[str, Any]


def faults_of(zaps: Json, app: str) -> Iterator[str]:
    """Say everything that is wrong with a file that was rendered for an *app*."""
    if set(zaps) != {"metadata", "zaps"} or zaps["metadata"] != {"version": 2} or len(zaps["zaps"]) != 1:
        yield "not the importable format"
    (zap,) = zaps["zaps"]
    if set(zap) != {"id", "title", "nodes"}:
        yield "the Zap has other keys"
    for place, (key, node) in enumerate(zap["nodes"].items(), start=1):
        if key != str(place) or node["id"] != place:
            yield f"step {key}: out of order"
        yield from (f"step {key}: {fault}" for fault in _faults_of_node(node, zap["title"], app))
    if found := _SECRET.search(json.dumps(zaps)):
        yield f"something private: {found[0]}"


def _faults_of_node(node: Json, title: str, app: str) -> Iterator[str]:
    is_first = node["id"] == 1
    chain = (None, None, False, title) if is_first else (node["id"] - 1, 1, True, None)
    checks = {
        "other keys": set(node) == _NODE and node["triple_stores"] == _TRIPLE_STORES,
        "not chained to the step above": (node["parent_id"], node["root_id"], node["paused"], node["title"]) == chain,
        "no step that is known": _is_known(node, app),
        "a connection of somebody": node["authentication_id"] is None,
        "looks at a step that did not run before": all(step < node["id"] for step in _steps_named(node["params"])),
    }
    yield from (fault for fault, holds in checks.items() if not holds)
    for test in node["params"].get("filter_criteria", []):
        if set(test) != {"id", "group", "key", "value", "match", "action"} or test["match"] not in _COMPARISONS:
            yield "a comparison that is not known"


def _is_known(node: Json, app: str) -> bool:
    api = node["selected_api"]
    if not _API.fullmatch(api):
        return False
    step = (node["type_of"], api.split("@")[0], node["action"])
    return step in _SEEN or (api == app and step[0] == "write" and step[2] == "record_event")


def _steps_named(params: Json) -> set[int]:
    return {int(step) for step in re.findall(r'(?:\{\{|")(\d+)__', json.dumps(params))}
