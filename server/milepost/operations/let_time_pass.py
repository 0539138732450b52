"""The one list of what time makes happen, in its order; the worker goes through it about once a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from milepost.operations.compose_messages import compose_all
from milepost.operations.expire_reviews import expire_reviews
from milepost.operations.hand_out_news import hand_out_news
from milepost.operations.owe_coaching import owe_coaching
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.watch_streaks import watch_streaks

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Passed:
    """What letting time pass came to."""

    #: How much each job did, by its name; without those that failed.
    done: Mapping[str, int] = field(default_factory=dict)
    #: The jobs that failed; the log says why.
    failed: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Give how much was done in all."""
        return sum(self.done.values())


def let_time_pass(services: Services) -> Passed:
    """Do what the clock asks for; a job that fails is logged, and does not keep the others from running.

    Each job works through all that came due, however long nobody asked, and a second time finds nothing. Nothing is
    sent here: the messages that are posted wait for `dispatch_due`.
    """
    done, failed = {}, []
    for name, job in JOBS.items():
        try:
            done[name] = job(services)
        except Exception:  # the next jobs may do well, the next try may be better, and nobody else would ever see it
            log.exception("job_failed", job=name)
            failed.append(name)
    return Passed(done, tuple(failed))


def _settle(services: Services) -> int:
    """Settle what is due, and say what came of it."""
    settled = settle_all(services)
    granted, taken_back = len(settled["awards"]), len(settled["revoked"])
    if granted or taken_back:
        log.info("settled", granted=granted, taken_back=taken_back)
    return granted + taken_back


#: What is awarded must stand before it is told, what is owed be written before it is composed, and what is composed is
#: news itself.
JOBS: Mapping[str, Callable[[Services], int]] = {
    "settling": _settle,
    "watching_streaks": watch_streaks,
    "expiring_reviews": expire_reviews,
    "owing_coaching": owe_coaching,
    "composing": compose_all,
    "handing_out": hand_out_news,
}
