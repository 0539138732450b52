"""List what happened, newest first, as subscriptions get it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from milepost.engine.facts import Facts
from milepost.engine.people import HolderKind
from milepost.engine.telling import NewsKind
from milepost.operations.load_facts import load_facts
from milepost.operations.services import Services
from milepost.operations.visibility import is_hidden
from milepost.operations.webhook_payloads import news_payload
from milepost.storage.base import Reading
from milepost.storage.outbox import NewsRecord

#: News that speaks to one person, and may name others who chose not to be named.
_FOR_ONE_PERSON = frozenset({NewsKind.DIGEST_READY, NewsKind.REVIEW_NEEDED, NewsKind.SUBSCRIPTION_DISABLED})


@dataclass(frozen=True, slots=True)
class NewsQuery:
    """Which news to list; None admits all."""

    kind: NewsKind | None = None
    achievement: str | None = None
    limit: int = 50
    #: The id of the last news of the page before.
    after: str | None = None


def list_news(services: Services, query: NewsQuery, *, shows_everybody: bool) -> list[dict[str, Any]]:
    """Give a page of news, newest first; without *shows_everybody* nothing of people whose progress is private."""
    with services.store.reading() as reading:
        found = _newest(reading, query)
        if not shows_everybody:
            facts = load_facts(reading, actors=None)
            found = (news for news in found if _is_public(news, facts))
        return [news_payload(news) for news in islice(found, query.limit)]


def _newest(reading: Reading, query: NewsQuery) -> Iterator[NewsRecord]:
    kinds = [query.kind] if query.kind else list(NewsKind)
    achievements = [query.achievement] if query.achievement else []
    before = query.after
    while page := reading.newest_news(kinds, achievements=achievements, before=before, limit=query.limit):
        yield from page
        before = page[-1].id


def _is_public(news: NewsRecord, facts: Facts) -> bool:
    if news.kind in _FOR_ONE_PERSON:
        return news.holder is not None and news.holder.kind is HolderKind.TEAM
    return news.holder is None or not is_hidden(news.holder, facts)
