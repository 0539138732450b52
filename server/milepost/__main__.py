"""``milepost`` and ``python -m milepost``: everything is imported without a look at the garbage.

What an import makes stays: to go through it again and again took an eighth of each start, and would take a part of
every later collection.
"""

from __future__ import annotations

import gc

gc.disable()

from milepost.cli.commands import main  # noqa: E402  (this is what must not be gone through)

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main(prog_name="milepost")
