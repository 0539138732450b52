"""However the events are told, the same awards, points and streaks stand as the oracle folds from them."""

from __future__ import annotations

import pytest
from hypothesis import given

from milepost.storage.base import Store
from tests.oracle.playing import TELLINGS, check_world
from tests.oracle.worlds import DrawnWorld, worlds


@pytest.mark.slow
@TELLINGS
@given(world=worlds())
def test_any_telling_of_the_same_events_leaves_what_the_oracle_folds(store: Store, world: DrawnWorld) -> None:
    """Shuffled, duplicated, revised and voided deliveries end in the oracle's awards, points and streaks."""
    check_world(store, world)
