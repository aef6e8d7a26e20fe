"""Tickets follow the person who asked: when two contacts turn out to be one, and when they are two again."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint, delete, insert, select, update
from sqlmodel import Field, Session, SQLModel, col

from accounts.events import ContactsMerged, ContactsParted
from crm.db import Id, primary_id, ref
from crm.ids import new_id
from support.models import Ticket


class MovedTicket(SQLModel, table=True):
    """A ticket whose person was merged away; kept until the merge is taken back."""

    __tablename__ = "moved_ticket"
    __table_args__ = (UniqueConstraint("merge_id", "ticket_id"),)

    id: int = primary_id()
    merge_id: int = Field(sa_type=Id)
    ticket_id: int = ref("ticket.id")


def follow_merge(session: Session, fact: ContactsMerged) -> None:
    ids = session.scalars(select(col(Ticket.id)).where(col(Ticket.contact_id) == fact.gone_id)).all()
    if ids:
        rows = [{"id": new_id(), "merge_id": fact.merge_id, "ticket_id": ticket_id} for ticket_id in ids]
        session.execute(insert(MovedTicket), rows)
        session.execute(update(Ticket).where(col(Ticket.contact_id) == fact.gone_id).values(contact_id=fact.kept_id))


def follow_parting(session: Session, fact: ContactsParted) -> None:
    """Tickets that were given to somebody else meanwhile stay there."""
    moved = select(col(MovedTicket.ticket_id)).where(col(MovedTicket.merge_id) == fact.merge_id)
    session.execute(
        update(Ticket)
        .where(col(Ticket.id).in_(moved), col(Ticket.contact_id) == fact.kept_id)
        .values(contact_id=fact.gone_id)
    )
    session.execute(delete(MovedTicket).where(col(MovedTicket.merge_id) == fact.merge_id))
