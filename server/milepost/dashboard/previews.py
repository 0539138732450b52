"""Tell programs that look at links before people do from people, as far as they say so."""

from __future__ import annotations

import re

from flask import Request

#: What link previews, scanners and scripts call themselves; picture proxies of mail programs act for a person.
_PROGRAMS = re.compile(
    r"bot|crawl|spider|preview|slack|facebookexternalhit|whatsapp|telegram|embed|fetch|scan|monitor|check|curl|wget"
    r"|python|java/|go-http|okhttp|node|axios|libwww|headless|safelinks|barracuda|proofpoint|mimecast|urldefense",
    re.IGNORECASE,
)
#: Where browsers say that they only fetch ahead.
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_by_person(request: Request) -> bool:
    """Say whether a call may come from somebody who looks at it; a scanner that poses as a browser passes."""
    agent = request.headers.get("User-Agent", "")
    is_ahead = any("fetch" in request.headers.get(name, "") for name in _AHEAD)
    return request.method != "HEAD" and not is_ahead and bool(agent) and not _PROGRAMS.search(agent)
