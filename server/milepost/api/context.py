"""What a view may ask for: the services, and who is calling."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from milepost.operations.check_key import Caller
from milepost.operations.count_attention import Looks
from milepost.operations.services import Services

EXTENSION = "milepost"
#: Where the application keeps who was looked at lately.
LOOKS = "milepost.looks"


def services() -> Services:
    """Give the services of the running application."""
    return cast("Services", current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Give who is calling; only there in a view that `needs` a scope."""
    return cast("Caller", g.caller)


def looks() -> Looks:
    """Give who was looked at lately, as far as this application knows."""
    return cast("Looks", current_app.extensions[LOOKS])
