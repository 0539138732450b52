"""Play workflows in a real n8n: ``python -m tests.packs.play_workflows recipes/crm-hygiene/n8n/*.json``.

The first time takes a minute and a half more, for n8n itself, which is kept. With ``--stay`` n8n goes on running, and
a workflow is played again whenever it or its play is saved: end it with Ctrl-C.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.packs.n8n_server import N8n
from tests.packs.n8n_world import running_n8n
from tests.packs.staged_plays import PLAYS, play

STAY = "--stay"


def main() -> None:
    """Play each workflow; end with 1 if one of them failed."""
    workflows = [Path(word) for word in sys.argv[1:] if word != STAY]
    if not workflows:
        raise SystemExit(__doc__)
    began = time.monotonic()
    with TemporaryDirectory() as folder, running_n8n(Path(folder)) as n8n:
        print(f"n8n runs after {time.monotonic() - began:.0f} seconds.", flush=True)
        seen = {workflow: saved_at(workflow) for workflow in workflows}
        are_fine = [is_played(n8n, workflow) for workflow in workflows]
        while STAY in sys.argv:
            time.sleep(0.5)
            for workflow in workflows:
                if seen[workflow] != saved_at(workflow):
                    seen[workflow] = saved_at(workflow)
                    is_played(n8n, workflow)
    sys.exit(0 if all(are_fine) else 1)


def saved_at(workflow: Path) -> list[float]:
    """Say when a workflow and its play were saved."""
    return [path.stat().st_mtime for path in (workflow, PLAYS / workflow.name) if path.exists()]


def is_played(n8n: N8n, workflow: Path) -> bool:
    """Play one workflow, and say how it went."""
    began = time.monotonic()
    try:
        asked = play(n8n, workflow)
    except (AssertionError, OSError, ValueError, LookupError) as failure:
        print(f"FAILED {workflow.name}: {failure}", flush=True)
        return False
    print(f"ok {workflow.name} ({time.monotonic() - began:.1f} s); the vendor was asked {asked}", flush=True)
    return True


if __name__ == "__main__":
    main()
