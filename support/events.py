"""What other slices may react to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TicketsChanged:
    """Tickets of these accounts are new or changed; told once a chunk, in the same transaction."""

    account_ids: tuple[int, ...]
