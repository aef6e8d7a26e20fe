"""Histories of accounts, told in a line or at random: tickets through the real verb, talks and roles as rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from accounts.invoices.models import Invoice
from accounts.models import (
    Account,
    AccountFact,
    Channel,
    Contact,
    ContactAccount,
    ContactRole,
    ContactRoleKind,
    Direction,
    FactKey,
    Interaction,
    Tier,
)
from accounts.nps.importing import answer_of
from accounts.nps.models import NpsAnswer
from accounts.pulse.models import Pulse, PulseColour, dated
from accounts.usage.models import UsageCorrection, UsageDay, UsageMetric, day_number
from crm.ids import new_id
from crm.slices import REGISTRY
from health_scores.asof import AsOf
from health_scores.board import Board
from support.models import EventKind, TicketKind
from support.records import EventRecord, TicketFields, TicketRecord
from support.service import apply_tickets

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # 10:00 in Paris, the tests' now
BOARD = Board(REGISTRY.feature_sets, REGISTRY.measures, REGISTRY.book)
LIVE = AsOf(NOW, live=True)
PAST = AsOf(NOW)


def ago(days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


def event(kind: EventKind, at: datetime, value: float | None = None, **data: Any) -> EventRecord:
    return EventRecord(kind, f"{kind.value}@{at.isoformat()}", at, value, data)


def ticket(
    account: Account,
    opened_at: datetime,
    *more: EventRecord,
    priority: int = 3,
    kind: TicketKind = TicketKind.DEFECT,
    topic: str = "",
    external_id: str | None = None,
    **fields: Any,
) -> TicketRecord:
    """``more``: what happened to it after it was opened."""
    events = (event(EventKind.OPENED, opened_at, priority), *more)
    return TicketRecord(
        source_key="desk",
        external_id=external_id or f"T-{new_id()}",
        updated_at=max(one.happened_at for one in events),
        events=events,
        fields=TicketFields(kind=kind, topic=topic, **fields),
        account_id=account.id,
    )


def resolved(at: datetime, in_time: bool | None = None) -> EventRecord:
    return event(EventKind.RESOLVED, at, None if in_time is None else float(in_time))


def tell(session: Session, *records: TicketRecord, known_at: datetime | None = None) -> None:
    apply_tickets(session, records, known_at=known_at)
    session.flush()


def talk(
    session: Session, account: Account, at: datetime, contact: Contact | None = None, **values: Any
) -> Interaction:
    values.setdefault("channel", Channel.CALL)
    values.setdefault("direction", Direction.BOTH)
    values.setdefault("two_way", True)
    made = Interaction(
        account_id=account.id, contact_id=contact.id if contact else None, happened_at=at, subject="Talk", **values
    )
    session.add(made)
    session.flush()
    return made


def person(
    session: Session,
    account: Account,
    role: ContactRoleKind | None = ContactRoleKind.SPONSOR,
    *,
    from_on: date = date(2025, 1, 6),
    to_on: date | None = None,
    name: str = "Iris Weber",
) -> Contact:
    contact = Contact(name=name)
    session.add(contact)
    session.flush()
    session.add(ContactAccount(contact_id=contact.id, account_id=account.id))
    if role is not None:
        session.add(ContactRole(account_id=account.id, contact_id=contact.id, role=role, from_on=from_on, to_on=to_on))
    session.flush()
    return contact


# --- at random


def random_book(session: Session, accounts: Sequence[Account], seed: int, *, tickets: int = 12) -> None:
    """Two years of anything that can happen, the last of it before now; the same seed gives the same."""
    dice = random.Random(seed)
    records = []
    for account in accounts:
        _random_facts(session, account, dice)
        people = [
            person(
                session,
                account,
                dice.choice(list(ContactRoleKind)),
                from_on=_day(dice, 700),
                to_on=dice.choice([None, None, _day(dice, 60)]),
            )
            for _ in range(dice.randrange(3))
        ]
        for _ in range(dice.randrange(6)):
            talk(
                session,
                account,
                ago(dice.expovariate(1 / 60)),
                dice.choice([None, *people]),
                two_way=dice.random() < 0.7,
                automatic=dice.random() < 0.1,
                mass=dice.random() < 0.1,
                channel=dice.choice(list(Channel)),
            )
        _random_signals(session, account, dice)
        for _ in range(dice.randrange(4)):
            said = Pulse(
                account_id=account.id, colour=dice.choice(list(PulseColour)), **dated(ago(dice.uniform(0, 90)))
            )
            said.closed_at = dice.choice([None, None, NOW])
            session.add(said)
        records += [random_ticket(account, dice) for _ in range(dice.randrange(tickets + 1))]
    dice.shuffle(records)
    if records:
        tell(session, *records)


def _random_facts(session: Session, account: Account, dice: random.Random) -> None:
    changes = sorted(ago(dice.uniform(1, 600)) for _ in range(dice.randrange(3)))
    for at in [ago(800), *changes]:
        account.tier = dice.choice(list(Tier))
        account.seats = dice.choice([None, 0, 1, 40, 2500])
        for key, value in ((FactKey.TIER, account.tier.value), (FactKey.SEATS, account.seats)):
            written = "" if value is None else str(value)
            session.add(AccountFact(account_id=account.id, key=key, value=written, happened_at=at))
    session.flush()


def _random_signals(session: Session, account: Account, dice: random.Random) -> None:
    """Usage, answers and invoices; some of them were said otherwise once."""
    known = lambda: ago(dice.uniform(0, 90))  # noqa: E731 - two lines shorter
    today = day_number(NOW.date())
    for number, name in enumerate(("active users", "logins"), start=1):
        if session.get(UsageMetric, number) is None:
            session.add(UsageMetric(id=number, key=name, title=name))
            session.flush()
        for day in range(today - dice.choice([0, 20, 160]), today - dice.choice([-1, 0, 9, 30]), dice.choice([1, 3])):
            place = {"account_id": account.id, "metric_id": number, "day": day}
            said, until = known(), known()
            if dice.random() < 0.1 and said < until:
                session.add(UsageCorrection(**place, value_milli=dice.randrange(9000), known_at=said, closed_at=until))
                said = until
            session.add(UsageDay(**place, value_milli=dice.randrange(9000), known_at=said))
    for number in range(dice.randrange(4)):
        day, mail = _day(dice, 500), dice.choice([None, "a@x.example", "b@x.example"])
        answer = answer_of(account.id, None, mail, day, dice.randrange(11), "", f"{number}")
        session.add(NpsAnswer(**vars(answer), known_at=known(), closed_at=dice.choice([None, None, NOW])))
    for number in range(dice.randrange(4)):
        due_on = NOW.date() + timedelta(days=dice.randrange(-200, 60))
        paid_on = dice.choice([None, min(due_on + timedelta(days=dice.randrange(-9, 60)), NOW.date())])
        session.add(
            Invoice(account_id=account.id, number=f"I-{number}", due_on=due_on, amount_minor=100, paid_on=paid_on,
                    known_at=known())
        )  # fmt: skip
    session.flush()


def _day(dice: random.Random, days: int) -> date:
    return (NOW - timedelta(days=dice.randrange(days))).date()


def random_ticket(account: Account, dice: random.Random) -> TicketRecord:
    at = ago(dice.choice([dice.uniform(0, 45), dice.uniform(0, 240), dice.uniform(0, 700)]))
    opened_at, happened = at, []
    kinds = [
        EventKind.FIRST_ANSWERED, EventKind.AGENT_REPLY, EventKind.CUSTOMER_REPLY, EventKind.WAITING, EventKind.WORKING,
        EventKind.ESCALATED, EventKind.PRIORITY, EventKind.BREACHED, EventKind.ACKNOWLEDGED, EventKind.RESOLVED,
        EventKind.RESOLVED, EventKind.REOPENED, EventKind.RATED, EventKind.CLOSED, EventKind.DELETED,
    ]  # fmt: skip
    weights = [5, 4, 4, 3, 3, 1, 2, 1, 1, 5, 5, 2, 4, 2, 0.3]
    for kind in dice.choices(kinds, weights, k=dice.randrange(9)):
        at += timedelta(minutes=dice.choice([1, 30, 300, 3000, 20_000]))
        if at >= NOW:
            break
        value: float | None = None
        if kind is EventKind.PRIORITY:
            value = dice.randrange(1, 5)
        elif kind is EventKind.RATED:
            value = dice.choice([0, 25, 33.3, 50, 75, 100])
        elif kind in (EventKind.RESOLVED, EventKind.FIRST_ANSWERED):
            value = dice.choice([None, 0, 1])
        happened.append(event(kind, at, value))
    return ticket(
        account,
        opened_at,
        *happened,
        priority=dice.choices([1, 2, 3, 4], [2, 3, 6, 3])[0],
        kind=dice.choice(list(TicketKind)),
        topic=dice.choice(["", "billing", "login"]),
        answers_told=dice.random() < 0.8,
    )
