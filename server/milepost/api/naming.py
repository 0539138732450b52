"""What a resource is called: by its address, or in the body."""

from __future__ import annotations

from typing import Any

from milepost.errors import invalid
from milepost.schemas.addresses import same_address


def named_by_address(document: dict[str, Any], field: str, name: str) -> dict[str, Any]:
    """Give the document with the name that stands in the address; refuse two different ones."""
    given = document.get(field)
    if given is not None and same_address(str(given)) != name:
        raise invalid(f"/{field}", f"*{field}* is another one than in the address. Leave it out of the body.")
    return {**document, field: name}
