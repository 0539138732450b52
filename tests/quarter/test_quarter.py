"""Some weeks of a real service desk, with two workers, restarts, kills and downtime: who is told what, and when."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.quarter.checking import Outcome, check_everything
from tests.quarter.desk import BEGINS, LOG, part_of, quarter, read_log, teams_of
from tests.quarter.living import life
from tests.quarter.people import draw_people
from tests.stores import ground_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LOG.exists(), reason="the real logs are not beside this checkout"),
]

HOUR = timedelta(hours=1)
SEED = int(os.environ.get("MILEPOST_SEED") or random.SystemRandom().randrange(10**6))


#: What is lived through, and which forms of message must come of it: in one week of a few, chance may leave one out.
LIVES = [("sqlite", 3, 3, {"instant", "daily", "weekly"}), ("postgresql", 1, 9, {"instant"})]


@pytest.mark.parametrize(("kind", "weeks", "one_in", "forms"), LIVES, ids=["sqlite", "postgresql"])
def test_everybody_is_told_what_they_must_be_told_once_and_at_a_welcome_moment(
    kind: str, weeks: int, one_in: int, forms: set[str], tmp_path: Path
) -> None:
    """Whatever happens to the workers meanwhile."""
    print(f"MILEPOST_SEED={SEED}")
    rows = part_of(read_log(), one_in)
    crowd = draw_people(teams_of(rows), seed=SEED)
    ends = BEGINS + timedelta(weeks=weeks, days=1)
    with (
        ground_of(kind, tmp_path) as ground,
        life(ground.fresh_url(), crowd, quarter(rows, weeks), ends=ends, seed=SEED, tick=HOUR) as lived,
    ):
        check_everything(lived)
        outcome = Outcome(lived)
        assert {one.form.value for one in outcome.messages} >= forms
        assert lived.figures.restarts > 0
