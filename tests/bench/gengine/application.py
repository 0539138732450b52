"""The PyPI package `gengine` as an application, with the achievements of its own demo.

Runs in an environment of its own: ``python application.py URL`` makes its tables, ``waitress-serve --call
application:make`` serves them.
"""

from __future__ import annotations

import os
import sys
from typing import Any

REGIONS = (
    "general",
    "achievement_eval",
    "achievements_by_subject_for_today",
    "achievements_subjects_levels",
    "translations",
    "goal_evaluation",
)


def settings(url: str) -> dict[str, str]:
    """Give its settings: caches in memory, and no address cache, which only reading uses."""
    return {
        "sqlalchemy.url": url,
        "sqlalchemy.pool_size": "20",
        "urlcache_active": "false",
        "dogpile_cache.regions": ", ".join(REGIONS),
        "dogpile_cache.backend": "dogpile.cache.memory",
    }


def make() -> Any:
    """Give the application on the database that ``BENCH_DATABASE`` names."""
    from gengine import main  # type: ignore[import-not-found] # noqa: PLC0415 - only in its own environment

    return main({}, **settings(os.environ["BENCH_DATABASE"]))


if __name__ == "__main__":
    from gengine.maintenance.scripts.initializedb import initialize  # type: ignore[import-not-found]

    initialize(settings(sys.argv[1]), {"populate_demo": True})
