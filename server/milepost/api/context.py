"""What a view may ask for: the services, and who is calling."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from milepost.operations.check_key import Caller
from milepost.operations.services import Services

EXTENSION = "milepost"


def services() -> Services:
    """Give the services of the running application."""
    return cast("Services", current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Give who is calling; only there in a view that `needs` a scope."""
    return cast("Caller", g.caller)
