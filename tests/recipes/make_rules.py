"""What Make takes, as far as it can be told without Make: the rules of its published blueprints, and ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

#: Modules whose name, version and fields are known from Make's own repositories.
MODULES = {
    "builtin:BasicRouter": 1,
    "builtin:Break": 1,
    "builtin:Ignore": 1,
    "gateway:CustomWebHook": 1,
    "http:MakeRequest": 4,
    "util:SetVariables": 1,
}
DIRECTIVES = {"builtin:Break", "builtin:Ignore"}
FUNCTIONS = {"ifempty", "replace"}
OPERATORS = {"boolean:equal"}
#: What belongs to one account: it is chosen after the import.
BOUND = {"__IMTCONN__", "__IMTKEY__", "hook", "datastore", "apiKeyKeychain", "basicAuthKeychain", "oAuthAccount"}
SECRET = re.compile(r"mp_[0-9A-Za-z]{20}|xox[bp]-|hook\.[a-z]{2}\d\.make\.com|[\w.%+-]+@(?!example\.)[\w-]+\.[a-z]{2,}")

_EXPRESSION = re.compile(r"\{\{(.*?)\}\}")
_QUOTED = re.compile(r'"[^"]*"')

Json = dict[str, Any]


@dataclass
class Walk:
    """What was seen on the way through a blueprint."""

    faults: list[str] = field(default_factory=list)
    ids: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def say(self, module: Json, fault: str) -> None:
        """Note a fault of a module."""
        self.faults.append(f"module {module.get('id')}: {fault}")


def modules_of(flow: list[Json]) -> Iterator[Json]:
    """Give every module of a flow, those of its routes and its error handlers included."""
    for module in flow:
        yield module
        yield from modules_of(module.get("onerror", []))
        for route in module.get("routes", []):
            yield from modules_of(route["flow"])


def faults_of(blueprint: Json) -> list[str]:
    """Say everything that is wrong with a blueprint."""
    walk = Walk()
    if set(blueprint) != {"name", "description", "flow", "metadata"} or not 1 <= len(blueprint["name"]) <= 120:
        walk.faults.append("the top has other keys, or a long name")
    scenario = blueprint["metadata"].get("scenario", {})
    if blueprint["metadata"].get("version") != 1 or blueprint["metadata"].get("designer") != {"orphans": []}:
        walk.faults.append("the metadata is not that of a published blueprint")
    _walk_flow(walk, blueprint["flow"], frozenset(), is_handler=False)
    if "filter" in blueprint["flow"][0]:
        walk.say(blueprint["flow"][0], "the first module has a filter")
    if "builtin:Break" in walk.names and not scenario.get("dlq"):
        walk.faults.append("Break keeps nothing without dlq")
    if found := SECRET.search(json.dumps(blueprint)):
        walk.faults.append(f"something private: {found[0]}")
    return walk.faults


def _walk_flow(walk: Walk, flow: list[Json], above: frozenset[int], *, is_handler: bool) -> None:
    for place, module in enumerate(flow):
        _check_module(walk, module, above, is_handler=is_handler)
        below = above | {module["id"]}
        if handler := module.get("onerror"):
            _walk_flow(walk, handler, below, is_handler=True)
            if handler[-1]["module"] not in DIRECTIVES:
                walk.say(module, "its handler ends without a directive")
        for route in module.get("routes", []):
            _walk_flow(walk, route["flow"], below, is_handler=False)
        if module["module"] == "builtin:BasicRouter" and place != len(flow) - 1:
            walk.say(module, "something follows a router")
        above = below


def _check_module(walk: Walk, module: Json, above: frozenset[int], *, is_handler: bool) -> None:
    name = module["module"]
    checks: dict[str, Callable[[Json], bool]] = {
        "its id is none, or is there twice": lambda one: isinstance(one["id"], int) and one["id"] not in walk.ids,
        "no module that is known in this version": lambda one: MODULES.get(name) == one["version"],
        "bound to an account": lambda one: not BOUND & set(one.get("parameters", {})),
        "metadata that only an export has": lambda one: set(one["metadata"]) == {"designer"},
        "no place in the designer": lambda one: {"x", "y"} <= set(one["metadata"]["designer"]),
        "a directive outside of a handler": lambda one: is_handler or one["module"] not in DIRECTIVES,
    }
    for fault, holds in checks.items():
        if not holds(module):
            walk.say(module, fault)
    walk.ids.add(module["id"])
    walk.names.add(name)
    _check_filter(walk, module)
    for text in strings_in([module.get("mapper"), module.get("filter")]):
        _check_expressions(walk, module, text, above)
    if name == "builtin:BasicRouter" and (module["mapper"] is not None or not module["routes"] or "filter" in module):
        walk.say(module, "a router has routes, and neither a mapper nor a filter")
    if name == "http:MakeRequest":
        _check_call(walk, module)


def _check_filter(walk: Walk, module: Json) -> None:
    groups = module["filter"]["conditions"] if "filter" in module else [[]]
    if "filter" in module and not all(groups):
        walk.say(module, "a filter without conditions")
    if any(set(one) != {"a", "o", "b"} or one["o"] not in OPERATORS for group in groups for one in group):
        walk.say(module, "a condition that is not known")


def _check_expressions(walk: Walk, module: Json, text: str, above: frozenset[int]) -> None:
    for expression in _EXPRESSION.findall(text):
        bare = _QUOTED.sub('""', expression)
        if {int(number) for number in re.findall(r"(?<![\w.\]])(\d+)\.", bare)} - above:
            walk.say(module, f"{expression} looks at a module that did not run before")
        if set(re.findall(r"(\w+)\(", bare)) - FUNCTIONS or "," in bare:
            walk.say(module, f"{expression} is written otherwise at Make")


def _check_call(walk: Walk, module: Json) -> None:
    mapper = module["mapper"]
    headers = {header["name"].lower() for header in mapper["headers"]}
    writes = mapper["method"] == "post"
    checks = {
        "a method in capitals": mapper["method"].islower(),
        "a key in a header; Make keeps it in a credential": not headers & {"authorization", "x-api-key"},
        "no credential to choose": module["parameters"] == {"authenticationType": "apiKey"},
        "text that Make cannot escape": not writes or mapper["contentType"] == "urlEncoded",
        "a call to Milepost that would count twice": "/v1/" not in mapper["url"] or "idempotency-key" in headers,
        "nobody looks after its failure": bool(module.get("onerror")),
        "an answer that is not read": mapper["parseResponse"] and mapper["stopOnHttpError"],
    }
    for fault, holds in checks.items():
        if not holds:
            walk.say(module, fault)


def strings_in(value: Any) -> Iterator[str]:
    """Give every text within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inner)
