"""Pages of a whole application whose address people know, beside the fixtures of the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from milepost.api.context import EXTENSION, LOOKS
from milepost.operations.count_attention import Looks
from milepost.operations.links import Links, links_of
from milepost.operations.services import Services
from tests.api.conftest import Caller, SettableClock, admin, clock, put_together, stranger
from tests.api.conftest import services as plain_services

__all__ = ["Caller", "SettableClock", "admin", "clock", "plain_services", "put_together", "stranger"]

PUBLIC = "https://milepost.example.com"
#: How a browser calls itself.
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}


@pytest.fixture
def services(plain_services: Services) -> Services:
    """Know where people reach the server."""
    return replace(plain_services, settings=replace(plain_services.settings, public_url=PUBLIC))


@pytest.fixture
def app(put_together: Flask, services: Services) -> Flask:
    """Give the application with this test's own services."""
    put_together.extensions |= {EXTENSION: services, LOOKS: Looks()}
    return put_together


@pytest.fixture
def links(services: Services) -> Links:
    """Give what makes links."""
    with services.store.transaction() as tx:
        made = links_of(tx, services.settings)
    assert made is not None
    return made


@pytest.fixture
def review_link(links: Links) -> Callable[[str, str, datetime], str]:
    """Make the path of a review link."""
    return lambda award_id, person, expires_at: links.review(award_id, person, expires_at).removeprefix(PUBLIC)
