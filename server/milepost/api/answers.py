"""Answers that an operation has made ready to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response


def answer(document: Mapping[str, Any], status: int = 200) -> Response:
    """Send a document as it is; smorest then only documents its shape."""
    return Response(orjson.dumps(document), status=status, content_type="application/json")
