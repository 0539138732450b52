"""How the log is written: one static event name a line, values as fields, no secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

#: API keys, signing secrets, and the password of a database URL.
SECRETS = re.compile(r"\b(mp_|whsec_)[0-9A-Za-z+/=_-]{4,}|(?<=://)([^\s:/@]*):[^\s@/]*@")
#: E-mail addresses: the log names nobody.
ADDRESSES = re.compile(r"[^\s\"'<>(),:;=/@\\[\]{}…]+@[^\s\"'<>(),:;=/@\\[\]{}]+\.[A-Za-z]{2,}")
#: Fields whose value is a secret whatever it looks like.
SECRET_FIELDS = frozenset({"api_key", "authorization", "cookie", "key", "password", "secret", "token", "x_api_key"})


def configure_log(*, as_json: bool) -> None:
    """Set up the log on standard error: JSON lines for machines, readable lines for people."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            scrub_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_print_to_standard_error,
        cache_logger_on_first_use=False,
    )


def _print_to_standard_error(*_names: object) -> structlog.PrintLogger:
    """Make a logger that writes to what standard error is at that moment."""
    return structlog.PrintLogger(sys.stderr)


def scrub_secrets(_logger: object, _method: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Blot out secrets in every text of a log entry, however deep."""
    return {name: "…" if name.lower() in SECRET_FIELDS else scrub(value) for name, value in entry.items()}


def scrub(value: Any) -> Any:
    """Give *value* with the secrets in its texts blotted out."""
    if isinstance(value, str):
        value = SECRETS.sub(lambda found: f"{found[1]}…" if found[1] else f"{found[2]}:…@", value)
        return ADDRESSES.sub("…@…", value)
    if isinstance(value, Mapping):
        return {name: "…" if str(name).lower() in SECRET_FIELDS else scrub(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrub(inner) for inner in value]
    return value
