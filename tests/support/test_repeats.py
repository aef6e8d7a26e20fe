"""Coming back on the same topic, told in any order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account
from support.models import EventKind, Ticket, TicketEvent
from support.records import TicketRecord
from support.service import apply_tickets
from tests.support._telling import event, record

DAY = 24


def resolved(number: str, account: Account, opened: float, done: float, version: float | None = None) -> TicketRecord:
    return record(
        number, event("opened", opened, 3), event("resolved", done), account_id=account.id, topic="x", version=version
    )


def open_(number: str, account: Account, opened: float, version: float | None = None, topic: str = "x") -> TicketRecord:
    return record(number, event("opened", opened, 3), account_id=account.id, topic=topic, version=version)


def repeats(session: Session) -> dict[str, str]:
    """Ticket → the one it repeats."""
    session.expire_all()
    rows = session.execute(select(col(Ticket.id), col(Ticket.external_id), col(Ticket.repeat_of_id))).all()
    names = {ticket_id: name for ticket_id, name, _ in rows}
    return {name: names[of] for _, name, of in rows if of is not None}


def test_whichever_comes_in_first_the_last_resolution_before_counts(session: Session, acme: Account) -> None:
    told = [
        resolved("one", acme, 0, 2 * DAY),
        resolved("two", acme, 1 * DAY, 5 * DAY),
        open_("again", acme, 10 * DAY),
        open_("much later", acme, 30 * DAY),
    ]
    for order in permutations(told):
        for one in order:
            apply_tickets(session, [one])
        assert repeats(session) == {"again": "two"}
        session.rollback()


def test_a_resolution_that_is_withdrawn_makes_no_repeat(session: Session, acme: Account) -> None:
    apply_tickets(session, [resolved("one", acme, 0, DAY), open_("again", acme, 3 * DAY)])
    assert repeats(session) == {"again": "one"}
    apply_tickets(session, [open_("one", acme, 0, version=9 * DAY)])
    assert repeats(session) == {}
    closed = select(col(TicketEvent.closed_at)).where(col(TicketEvent.kind) == EventKind.REPEATED)
    assert session.scalars(closed).one() is not None  # what was believed stays readable


def test_a_ticket_reopened_afterwards_was_resolved_all_the_same(session: Session, acme: Account) -> None:
    """Whether it is a repeat is decided by what had happened when it was opened."""
    apply_tickets(session, [resolved("one", acme, 0, DAY), open_("again", acme, 3 * DAY)])
    reopened = record("one", event("reopened", 5 * DAY), complete=False, account_id=acme.id, topic="x")
    apply_tickets(session, [reopened])
    assert repeats(session) == {"again": "one"}


@pytest.mark.parametrize("moved", ["account", "topic"])
def test_a_ticket_that_moves_away_is_nobodys_repeat_any_more(
    session: Session, acme: Account, make_account: Callable[..., Account], moved: str
) -> None:
    other = make_account("Other")
    apply_tickets(session, [resolved("one", acme, 0, DAY), open_("again", acme, 3 * DAY)])
    if moved == "account":
        apply_tickets(session, [resolved("one", other, 0, DAY, version=20 * DAY)])
    else:
        apply_tickets(session, [open_("again", acme, 3 * DAY, version=20 * DAY, topic="y")])
    assert repeats(session) == {}
