"""How many statements the daily pages take does not depend on the size of the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from accounts.models import (
    AccessKind,
    Account,
    AccountAccess,
    ArrMovement,
    Contact,
    ContactAccount,
    Contract,
    Interaction,
    MovementKind,
    Task,
)
from accounts.models.interaction import Channel, Direction
from crm import clock
from crm.bench.asking import Browser, statements_of
from crm.bench.building import build
from crm.bench.pages import PAGES as BOOK_PAGES
from crm.config import get_settings
from crm.db import Database
from crm.slices import REGISTRY
from crm.viewer import Viewer
from health_scores.models import HealthScore
from health_scores.recompute import InCommand, recompute_all
from support.models import Ticket
from tests._browser import the_app

PAGES = ["/", "/accounts", "/accounts?scope=all&sort=arr", "/tickets", "/tasks"]
SMALL, LARGE = 60, 6_000


def _add_accounts(session: Session, owner: Viewer, numbers: range) -> int:
    """Accounts of ``owner``, each with everything the pages show; the id of the last."""
    now, today = clock.now(), clock.today()
    accounts = [
        Account(
            name=f"Account {n:05}",
            name_folded=f"account {n:05}",
            owner_id=owner.user_id,
            team_id=owner.team_id,
            stage_entered_on=date(2025, 1, 6),
            arr_minor=1_000_000 + n,
            ends_on=today + timedelta(days=60 + n % 300),
            decides_on=today + timedelta(days=n % 300),
        )
        for n in numbers
    ]
    session.add_all(accounts)
    session.flush()
    for n, account in zip(numbers, accounts, strict=True):
        contact = Contact(name=f"Person {n}", name_folded=f"person {n}")
        session.add(contact)
        session.add_all(
            [
                AccountAccess(
                    account_id=account.id, user_id=owner.user_id, kind=AccessKind.OWNER, from_on=date(2025, 1, 6)
                ),
                ContactAccount(account_id=account.id, contact_id=contact.id, from_on=date(2025, 1, 6)),
                Contract(
                    account_id=account.id,
                    starts_on=date(2025, 1, 6),
                    ends_on=account.ends_on or today,
                    decides_on=account.decides_on or today,
                ),
                ArrMovement(
                    account_id=account.id,
                    kind=MovementKind.NEW,
                    amount_minor=account.arr_minor,
                    currency="EUR",
                    effective_on=date(2025, 1, 6),
                ),
                Interaction(
                    account_id=account.id,
                    channel=Channel.CALL,
                    direction=Direction.OUT,
                    body="Hello",
                    happened_at=now - timedelta(days=n % 90),
                ),
                Task(
                    account_id=account.id, assignee_id=owner.user_id, title="Call", due_on=today + timedelta(days=n % 9)
                ),
                Ticket(
                    account_id=account.id,
                    source_key="zendesk",
                    external_id=f"{n}",
                    subject="Export fails",
                    priority=1 + n % 4,
                    opened_at=now - timedelta(days=3),
                    due_at=now - timedelta(days=n % 3 - 1),
                    updated_at=now,
                ),
            ]
        )
    session.commit()
    return accounts[-1].id


@pytest.mark.slow
def test_sixty_accounts_take_as_many_statements_as_six_thousand(
    as_ana: Any,
    session: Session,
    database: Database,
    ana: Viewer,
    count_queries: Callable[[Callable[[], object]], int],
) -> None:
    def counted(last: int) -> dict[str, int]:
        recompute_all(InCommand(database))
        as_ana.get("/me")  # a session is marked as seen every few minutes, which is a statement of its own
        return {
            path: count_queries(lambda path=path: as_ana.get(path.format(last=last)))  # type: ignore[misc]
            for path in [*PAGES, "/accounts/{last}", "/accounts/{last}/health"]
        }

    few = counted(_add_accounts(session, ana, range(SMALL)))
    many = counted(_add_accounts(session, ana, range(SMALL, LARGE)))
    assert session.scalar(select(func.count()).select_from(HealthScore)) == LARGE
    assert many == few


@pytest.mark.slow
def test_every_page_of_a_made_up_book_takes_as_many_statements_when_the_book_has_grown(database: Database) -> None:
    """The pages, people and book of ``crm bench book``: lists, renewals, board, changes, retention, risks, review,
    tasks, plays, palette, tickets without account and the others."""

    async def counted() -> dict[str, int]:
        found = {}
        for page in BOOK_PAGES:
            browser = Browser(app, database, page.user_id)
            with statements_of(database) as seen:
                answer = await browser.get(page.address)
            assert answer.status == 200, page.key
            found[page.key] = len(seen)
        return found

    app = the_app(get_settings(), database)
    build(database, REGISTRY, 0, 600)
    few = anyio.run(counted)
    build(database, REGISTRY, 600, 1_800)
    assert anyio.run(counted) == few
