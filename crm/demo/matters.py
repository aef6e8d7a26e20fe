"""What customers write to the helpdesk about: a subject, what they say, what is answered and what solved it."""

from __future__ import annotations

from typing import NamedTuple

from support.models import TicketKind


class Matter(NamedTuple):
    """Places in braces are filled per customer: ``{asset}``, ``{site}``, ``{wo}``, ``{erp}``, ``{n}``, ``{month}``…"""

    topic: str
    kind: TicketKind
    subject: str
    opening: str
    answer: str
    fix: str
