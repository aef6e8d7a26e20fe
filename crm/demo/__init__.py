"""The demo: a company with 63 customers and two years of history up to the minute it is made.

``people`` and ``companies`` say who there is, ``courses`` how it goes with each, ``stories`` what is told by hand.
``history`` imagines tickets, talks and money from them, the same for the same instant and seed; ``making`` writes it
down. Scores are computed from it by the product's own code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm.contracts import Registry
from crm.db import Database

SEED = 20


def make_demo(
    database: Database, registry: Registry, progress: Callable[..., None] | None = None, *, seed: int = SEED
) -> dict[str, Any]:
    """Fill an empty installation, as of ``crm.clock.now()``; ``progress`` hears the share done and what is being made.

    All of it is written in one transaction. Raises ``NotEmpty`` where anybody or any account is there already.
    """
    from crm.demo.run import make

    return make(database, registry, progress, seed)


def refuse_unless_empty(database: Database) -> None:
    """Raises ``NotEmpty`` where the demo cannot be made."""
    from crm.demo.run import refuse_unless_empty

    refuse_unless_empty(database)


def remove_demo(database: Database) -> None:
    """Take the demo away, with all that was added to it since; the installation is empty again."""
    from crm.demo.run import remove

    remove(database)


__all__ = ["SEED", "make_demo", "refuse_unless_empty", "remove_demo"]
