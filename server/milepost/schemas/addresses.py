"""Actors by their stable strings: the same person however the address is written."""

from __future__ import annotations

import re
from typing import overload

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@overload
def same_address(actor: str) -> str: ...
@overload
def same_address(actor: None) -> None: ...
def same_address(actor: str | None) -> str | None:
    """Give an actor's id as it is kept: without blanks around it, an e-mail address in lower case.

    Tools vary the case of addresses, and no two colleagues differ by it alone. Anything
    that is no address is left as it is: ``U02ABC`` and ``u02abc`` may be two people.
    """
    if actor is None:
        return None
    actor = actor.strip()
    return actor.lower() if _EMAIL.fullmatch(actor) else actor
