"""A stand-in for the systems that workflows ask: it answers what a play says, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

#: An answer that is not 200: ``{"$status": 404, "$body": {"message": "not found"}}``.
STATUS, BODY = "$status", "$body"


@dataclass
class Vendor:
    """What it answers, and what it was asked."""

    url: str
    #: Method and path, with or without the query, to the answer.
    answers: Mapping[str, Any] = field(default_factory=dict)
    #: Method, path and query of each call.
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, address: str) -> tuple[int, Any]:
        """Give status and body for a call; what nobody thought of is not found."""
        call = f"{method} {address}"
        self.asked.append(call)
        for known in (call, f"{method} {urlsplit(address).path}"):
            if known in self.answers:
                found = self.answers[known]
                if isinstance(found, dict) and STATUS in found:
                    return found[STATUS], found.get(BODY, {})
                return 200, found
        return 404, {"message": f"the play has no answer to {call}"}


@contextmanager
def running_vendor() -> Iterator[Vendor]:
    """Run the stand-in, and end it with the block."""

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = vendor.answer(self.command, self.path)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = reply  # noqa: N815 - names of the library

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - a name of the library
            """Say nothing: what was asked is remembered."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        vendor = Vendor(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield vendor
        finally:
            server.shutdown()
            thread.join()
