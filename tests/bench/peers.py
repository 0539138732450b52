"""What Milepost is compared with: ``python -m tests.bench.peers NAME PORT``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask, Response

from milepost.cli.addresses import Address
from milepost.cli.listening import _Listener  # the very server that is measured


def noop_app() -> Flask:
    """Give a Flask application that does nothing: the unit of every ratio."""
    app = Flask("noop", static_folder=None)

    @app.post("/v1/evaluate")
    def evaluate() -> Response:
        return Response(b"{}", mimetype="application/json")

    return app


def redis_app() -> Flask:
    """Give one that counts each call in Redis and knows nothing else; the socket is named in ``BENCH_REDIS``."""
    import redis  # noqa: PLC0415 - in the requirements of the bench only

    app = Flask("redis", static_folder=None)
    client = redis.Redis(unix_socket_path=os.environ["BENCH_REDIS"])

    @app.post("/v1/evaluate")
    def evaluate() -> Response:
        client.incr("events")
        return Response(b"{}", mimetype="application/json")

    return app


APPS = {"noop": noop_app, "redis": redis_app}


def main() -> None:
    """Serve the application that is asked for until told to stop."""
    name, port = sys.argv[1], int(sys.argv[2])
    _Listener(APPS[name](), Address("127.0.0.1", port), announce=lambda: None).run()


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main()
