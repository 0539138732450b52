"""Whatever keeps the events, and whoever tells them at once, the same stands as the oracle folds from them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.focused_documents import focused_documents
from tests.oracle.keeping import check_kept_world
from tests.oracle.playing import EXAMPLES, TELLINGS
from tests.oracle.worlds import DrawnWorld, worlds
from tests.stores import Ground

pytestmark = pytest.mark.slow

#: Worlds for each test on each store; one that is kept takes three times as long as one that is undone.
KEPT = settings(TELLINGS, max_examples=max(1, EXAMPLES // 15))
#: People and rules are mostly there first, and sometimes come in the middle or last.
INTRODUCED_AFTER = st.sampled_from((0, 0, 12, 1000))


@KEPT
@given(world=worlds(), introduced_after=INTRODUCED_AFTER)
def test_any_telling_that_is_kept_leaves_what_the_oracle_folds(
    ground: Ground, world: DrawnWorld, introduced_after: int
) -> None:
    """Each step is a transaction of its own, as when callers come one by one."""
    check_kept_world(ground, world, introduced_after=introduced_after)


@KEPT
@given(world=worlds(rules=focused_documents(), most_events=30), introduced_after=INTRODUCED_AFTER)
def test_any_telling_that_is_kept_leaves_it_where_awards_come_and_go(
    ground: Ground, world: DrawnWorld, introduced_after: int
) -> None:
    """The same for holds, peers and guardrails of other windows."""
    check_kept_world(ground, world, introduced_after=introduced_after)


@KEPT
@given(world=worlds(rules=focused_documents(), most_events=30))
def test_callers_at_once_leave_what_the_oracle_folds(ground: Ground, world: DrawnWorld) -> None:
    """Three of them share a world, two of them in batches; only what is about one event keeps its order."""
    check_kept_world(ground, world, callers=3)
