"""The same for rules that make every part of the path matter: holds, peers, guardrails of other windows."""

from __future__ import annotations

import pytest
from hypothesis import given

from milepost.storage.base import Store
from tests.oracle.focused_documents import focused_documents
from tests.oracle.playing import TELLINGS, check_world
from tests.oracle.worlds import DrawnWorld, worlds


@pytest.mark.slow
@TELLINGS
@given(world=worlds(rules=focused_documents(), most_events=30))
def test_any_telling_leaves_what_the_oracle_folds_where_awards_come_and_go(store: Store, world: DrawnWorld) -> None:
    """Rules that are easily earned and easily lost end in the oracle's awards, points and streaks as well."""
    check_world(store, world)
