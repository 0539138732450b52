"""``python -m tests.quarter``: live through a whole quarter, hold it against what had to be, and write the page."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.quarter.checking import Outcome, check_everything
from tests.quarter.desk import BEGINS, LOG, WEEKS, quarter, read_log, teams_of
from tests.quarter.living import life
from tests.quarter.page import render, write_page
from tests.quarter.people import draw_people
from tests.stores import ground_of


def main() -> None:
    """Read the command line, and live."""
    parser = argparse.ArgumentParser(prog="python -m tests.quarter", description="Live through a quarter at a desk.")
    parser.add_argument("--seed", type=int, default=20260302, help="draws people and trouble")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the page and write nothing")
    asked = parser.parse_args()
    if not LOG.exists():
        sys.exit("The real logs are not beside this checkout, so there is no quarter to live through.")
    rows = read_log()
    crowd, tellings = draw_people(teams_of(rows), seed=asked.seed), quarter(rows, WEEKS)
    ends = BEGINS + timedelta(weeks=WEEKS)
    with (
        tempfile.TemporaryDirectory() as folder,
        ground_of(asked.store, Path(folder)) as ground,
        life(ground.fresh_url(), crowd, tellings, ends=ends, seed=asked.seed) as lived,
    ):
        outcome = Outcome(lived)
        check_everything(lived)
        if asked.only_print:
            print(render(outcome))
        else:
            write_page(outcome)


if __name__ == "__main__":
    main()
