"""Finding a ticket by what somebody types: its number, or words of its subject."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from accounts.models import Account
from crm.contracts import SearchHit, SearchSource
from crm.search import like, words_of
from crm.text import N_
from crm.viewer import Viewer
from support.bulk import table
from support.models import Ticket
from support.queries import visible_tickets

MOST_MATCHES = 500  # of which the newest are shown
SEARCHED = 20_000  # newest tickets whose subjects are looked through


def search_tickets(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """One statement: the ticket of that number, and the newest whose subject has the words."""
    words = words_of(typed)
    if not words:
        return []
    t = table(Ticket)
    known = visible_tickets(viewer).with_only_columns(
        t.c.id,
        t.c.external_id,
        t.c.subject,
        t.c.opened_at,
        col(Account.name).label("account"),
        maintain_column_froms=True,
    )
    by_id = known.where(t.c.external_id == typed.strip()).limit(limit).subquery()
    newest = known.order_by(t.c.opened_at.desc(), t.c.id.desc()).limit(SEARCHED).subquery()
    has_words = and_(*(func.lower(newest.c.subject).like(f"%{like(word)}%", escape="\\") for word in words))
    by_words = select(newest).where(has_words).limit(MOST_MATCHES).subquery()
    found = select(by_id).union(select(by_words)).subquery()
    rows = session.execute(select(found).order_by(found.c.opened_at.desc(), found.c.id.desc()).limit(limit))
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
