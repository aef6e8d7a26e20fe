"""Finding a ticket by what somebody types: its number, or words of its subject."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, union
from sqlmodel import Session, col

from accounts.models import Account
from crm.contracts import SearchHit, SearchSource
from crm.db import table_of
from crm.full_text import FullText, words_in
from crm.text import N_
from crm.viewer import Viewer
from support.models import Ticket
from support.queries import visible_tickets

MOST_MATCHES = 5_000  # newest matches in the whole book, of which those that the viewer may read are shown
WORDS = FullText("ticket", ("subject",))


def search_tickets(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """One statement: the ticket of that number, and the newest whose subject has the words."""
    words = words_in(typed)
    if not words:
        return []
    t = table_of(Ticket)
    matching = WORDS.matches(session, words, MOST_MATCHES).cte("matching")
    # One list of ids: told apart by OR, PostgreSQL looks at every ticket instead.
    meant = union(select(t.c.id).where(t.c.external_id == typed.strip()), select(matching.c.id)).subquery("meant")
    rows = session.execute(
        visible_tickets(viewer)
        .with_only_columns(
            t.c.id,
            t.c.external_id,
            t.c.subject,
            t.c.opened_at,
            col(Account.name).label("account"),
            maintain_column_froms=True,
        )
        .where(t.c.id.in_(select(meant.c.id)))
        .order_by(t.c.opened_at.desc(), t.c.id.desc())
        .limit(limit)
    )
    return [
        SearchHit(
            "ticket",
            row.id,
            row.subject or row.external_id,
            f"{row.external_id} · {row.account}",
            f"/tickets/{row.id}",
        )
        for row in rows
    ]


SEARCH_SOURCES = (SearchSource("tickets", N_("Tickets"), 3, search_tickets, order=30),)
