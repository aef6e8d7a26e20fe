"""Tickets that were there before the clock of the next answer existed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account
from crm import migrate
from crm.db import Database
from crm.events import HANDLERS
from crm.jobs.models import QueuedJob
from crm.jobs.worker import Worker
from crm.slices import REGISTRY
from support.anew import NAME
from support.models import Ticket
from support.service import apply_tickets
from tests.support._telling import at, event, record


def test_a_database_with_tickets_gets_the_new_clock_from_a_job(empty_database: Database) -> None:
    database = empty_database
    database.handlers = REGISTRY.handlers
    migrate.upgrade(database)
    with Session(database.engine) as session:
        session.info[HANDLERS] = database.handlers
        account = Account(name="Acme", name_folded="acme", stage_entered_on=date(2025, 1, 6))
        session.add(account)
        session.flush()
        events = (event("opened", 0, 3), event("first_answered", 1), event("customer_reply", 3))
        apply_tickets(session, [record("T-1", *events, account_id=account.id)])
        session.commit()

    migrate.downgrade(database, "0002")
    migrate.upgrade(database)
    with Session(database.engine) as session:
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.next_answer_due_at, ticket.next_answers, ticket.due_at) == (None, 0, at(24 + 3))
        assert session.scalars(select(QueuedJob).where(col(QueuedJob.name) == NAME)).one().arguments == {
            "opened_from": None,
            "open_from": None,
        }
    Worker(database, REGISTRY, threads=1, with_clock=False).run_due()
    with Session(database.engine) as session:
        assert session.scalars(select(Ticket)).one().next_answer_due_at == at(24 + 3)


def test_an_empty_database_has_nothing_to_compute(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    with Session(empty_database.engine) as session:
        assert session.scalars(select(QueuedJob)).all() == []
