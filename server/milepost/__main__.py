"""``python -m milepost`` is the same as ``milepost``."""

from __future__ import annotations

from milepost.cli.commands import main

if __name__ == "__main__":
    main(prog_name="milepost")
