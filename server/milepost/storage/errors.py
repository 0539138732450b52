"""What can go wrong with a store; a driver's own exceptions never leave this package.

.. code-block:: text

    StoreError
    ├── StoreUnavailable      not now: the same call may succeed later
    │   ├── StoreInUse        another process owns the store
    │   └── StoreFull         no space is left
    ├── StoreUnusable         waiting does not help: somebody must put the right file there
    │   ├── StoreDamaged      it was ours and cannot be read any more
    │   ├── StoreForeign      it was never ours
    │   └── StoreTooNew       a newer Milepost wrote it
    ├── StillTaken             another caller is at the same thing; it may be done in a second
    ├── StoreConflict         the change contradicts what is kept
    │   └── AliasTaken        the alias is another actor's
    └── NotStorable           a value no store can keep, such as half of a character
"""
# ruff: noqa: N818  (the names say what happened, and are read after "except")

from __future__ import annotations


class StoreError(Exception):
    """Something is wrong between us and the store; the text says what to do."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or written now."""


class StoreInUse(StoreUnavailable):
    """Another process owns the store."""


class StoreFull(StoreUnavailable):
    """No space is left for a change."""


class StoreUnusable(StoreError):
    """What was found at the place of the store cannot serve as one."""


class StoreDamaged(StoreUnusable):
    """The store's content is broken."""


class StoreForeign(StoreUnusable):
    """The file belongs to something else."""


class StoreTooNew(StoreUnusable):
    """The file was written by a newer version."""


class StillTaken(StoreError):
    """Another caller has had its turn for longer than one wants to wait."""


class StoreConflict(StoreError):
    """A change contradicts what is kept; nothing of it was done."""


class AliasTaken(StoreConflict):
    """An alias in a source system is already another actor's."""

    def __init__(self, source: str, alias: str, actor: str) -> None:
        """Name the alias and the actor who has it."""
        super().__init__(
            f"{alias!r} in {source!r} is already an alias of {actor!r}. Take it from that actor first, "
            f"or give another alias."
        )
        self.source = source
        self.alias = alias
        self.actor = actor


class NotStorable(StoreError):
    """A value that cannot be kept or looked up."""
