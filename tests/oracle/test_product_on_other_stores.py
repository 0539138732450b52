"""Whatever keeps the events, and whoever tells them at once, the same stands as the oracle folds from them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings

from tests.oracle.focused_documents import focused_documents
from tests.oracle.keeping import check_kept_world
from tests.oracle.playing import TELLINGS
from tests.oracle.worlds import DrawnWorld, worlds
from tests.stores import Ground

pytestmark = pytest.mark.slow

#: Worlds of each kind on each store.
KEPT = settings(TELLINGS, max_examples=int(os.environ.get("EXAMPLES", "40")))


@KEPT
@given(world=worlds())
def test_any_telling_that_is_kept_leaves_what_the_oracle_folds(ground: Ground, world: DrawnWorld) -> None:
    """Each step is a transaction of its own, as when callers come one by one."""
    check_kept_world(ground, world)


@KEPT
@given(world=worlds(rules=focused_documents(), most_events=30))
def test_any_telling_that_is_kept_leaves_it_where_awards_come_and_go(ground: Ground, world: DrawnWorld) -> None:
    """The same for holds, peers and guardrails of other windows."""
    check_kept_world(ground, world)


@KEPT
@given(world=worlds(rules=focused_documents(), most_events=30))
def test_callers_at_once_leave_what_the_oracle_folds(ground: Ground, world: DrawnWorld) -> None:
    """Two of them share a world; only what is about one event keeps its order."""
    check_kept_world(ground, world, callers=2)
