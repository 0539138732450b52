"""Several workers on several connections compose everything once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.engine.people import Holder, HolderKind
from milepost.operations.compose_messages import compose_all
from milepost.operations.services import Services
from milepost.storage import open_store
from tests.operations.composing import BOSS, EACH, ONE, SUPPORT, TellingWorld, at
from tests.operations.test_compose_digest import COLLEAGUES, hire_colleagues, solve
from tests.stores import ground_of

TO_ALL = {"actor": "instant", "manager": "instant", "team": "instant"}


@pytest.mark.slow
def test_workers_with_connections_of_their_own_never_tell_twice(tmp_path: Path) -> None:
    with ground_of("postgresql", tmp_path) as ground:
        url = ground.fresh_url()
        with closing(open_store(url)) as store, closing(open_store(url)) as other:
            world = TellingWorld(store)
            hire_colleagues(world)
            world.rule(ONE, **EACH, audience=TO_ALL)
            world.now = at(2, 10)
            for number, name in enumerate(COLLEAGUES):
                solve(world, name, number)
            world.now += timedelta(seconds=6)
            workers = [world.services, Services(other, world.services.clock, world.settings)] * 2
            with ThreadPoolExecutor(len(workers)) as pool:
                composed = sum(pool.map(compose_all, workers))
            people = [Holder(HolderKind.ACTOR, f"{name.lower()}@example.com") for name in COLLEAGUES]
            assert [len(world.messages(one)) for one in (*people, BOSS, SUPPORT)] == [1] * 6
            assert composed == 6
