"""Bringing tickets in: once or twice, in any order, whole or in parts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts.models import Account, AccountAlias, Contact, ContactAccount, DataSource
from crm.clock import now
from crm.events import HANDLERS
from crm.text import text
from support.events import TicketsChanged
from support.matching import NO_COMPANY, SEVERAL_COMPANIES, UNKNOWN_COMPANY
from support.models import EventKind, Ticket, TicketEvent, TicketKind, TicketSpan, TicketState, UnmatchedTicket
from support.policies.rules import Policies
from support.projection import project
from support.records import AccountHint, EventRecord, Requester, TicketFields, TicketRecord
from support.service import Applied, apply_tickets
from support.store import stored_by_id
from tests.support._telling import at, event, everything, record, spans_of

MakeAccount = Callable[..., Account]


def apply(session: Session, *records: TicketRecord) -> Applied:
    return apply_tickets(session, records)


def only_ticket(session: Session) -> Ticket:
    session.expire_all()
    return session.scalars(select(Ticket)).one()


# --- one ticket -------------------------------------------------------------------------------------------------------


def test_a_ticket_comes_in_with_its_events_spans_and_clocks(session: Session, acme: Account) -> None:
    told = record(
        "T-1",
        event("opened", 0, 2),
        event("first_answered", 2),
        event("waiting", 3),
        event("working", 5),
        event("resolved", 6),
        event("closed", 30),
        account_id=acme.id,
        subject="Export fails",
        kind=TicketKind.DEFECT,
    )
    assert apply(session, told) == Applied(new=1, account_ids=(acme.id,))

    ticket = only_ticket(session)
    assert (ticket.subject, ticket.kind, ticket.priority, ticket.state) == (
        "Export fails",
        TicketKind.DEFECT,
        2,
        TicketState.CLOSED,
    )
    assert ticket.first_answer_s == 2 * 3600
    assert ticket.first_answer_due_at == at(4)
    assert ticket.resolution_s == 4 * 3600  # six hours, two of them spent waiting for the customer
    assert ticket.waiting_s == 2 * 3600
    assert ticket.first_answer_met is ticket.our_first_answer_met is True
    assert ticket.resolution_met is ticket.our_resolution_met is True
    assert not ticket.source_verdict
    assert [(span.state.value, span.from_at, span.to_at) for span in spans_of(session, ticket.id)] == [
        ("open", at(0), at(2)),
        ("open", at(2), at(3)),
        ("waiting", at(3), at(5)),
        ("open", at(5), at(6)),
        ("resolved", at(6), at(30)),
        ("closed", at(30), None),
    ]


def test_the_same_record_twice_changes_nothing(session: Session, acme: Account) -> None:
    told = record("T-1", event("opened", 0, 3), event("resolved", 4), account_id=acme.id)
    apply(session, told)
    before = everything(session)
    assert apply(session, told) == Applied(unchanged=1)
    assert everything(session) == before
    assert session.scalar(select(func.count()).select_from(TicketEvent)) == 2


def test_a_correction_closes_the_row_and_adds_another(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 3), event("resolved", 4, key="solved"), account_id=acme.id))
    corrected = record("T-1", event("opened", 0, 3), event("resolved", 9, key="solved"), version=50, account_id=acme.id)
    assert apply(session, corrected).updated == 1

    rows = session.scalars(
        select(TicketEvent).where(col(TicketEvent.key) == "solved").order_by(col(TicketEvent.happened_at))
    ).all()
    assert [(row.happened_at, row.closed_at is None) for row in rows] == [(at(4), False), (at(9), True)]
    assert rows[0].closed_at == rows[1].known_at
    assert only_ticket(session).resolved_at == at(9)


def test_an_older_version_that_arrives_late_does_not_win(session: Session, acme: Account) -> None:
    newer = record("T-1", event("opened", 0, 3), event("resolved", 4), subject="new", account_id=acme.id)
    older = record("T-1", event("opened", 0, 3), version=1, subject="old", account_id=acme.id)
    apply(session, newer)
    assert apply(session, older) == Applied(unchanged=1)
    assert only_ticket(session).subject == "new"
    assert only_ticket(session).state is TicketState.RESOLVED


def test_of_two_records_of_one_version_the_later_counts(session: Session, acme: Account) -> None:
    """A file is read again with a better mapping."""
    apply(session, record("T-1", event("opened", 0, 3), subject="x", account_id=acme.id))
    assert apply(session, record("T-1", event("opened", 0, 1), subject="y", account_id=acme.id)).updated == 1
    assert (only_ticket(session).subject, only_ticket(session).priority) == ("y", 1)


def test_parts_of_a_ticket_add_up(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("resolved", 8), complete=False, account_id=acme.id))
    assert only_ticket(session).opened_at == at(8)  # the first we heard of it
    apply(session, record("T-1", event("opened", 0, 2), event("escalated", 1), complete=False, account_id=acme.id))
    ticket = only_ticket(session)
    assert (ticket.opened_at, ticket.resolved_at, ticket.escalated, ticket.priority) == (at(0), at(8), 1, 2)


def test_a_complete_record_ends_what_it_no_longer_tells(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 3), event("escalated", 1), account_id=acme.id))
    apply(session, record("T-1", event("opened", 0, 3), version=9, account_id=acme.id))
    assert only_ticket(session).escalated == 0


def test_deleted_tickets_stop_counting(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 1), event("deleted", 3), account_id=acme.id))
    ticket = only_ticket(session)
    assert not ticket.is_open()
    assert ticket.late_since(at(1000)) is None
    assert [(span.from_at, span.to_at) for span in spans_of(session, ticket.id)] == [(at(0), at(3))]


def test_the_sources_verdict_counts_and_ours_stands_beside_it(session: Session, acme: Account) -> None:
    apply(
        session,
        record("met", event("opened", 0, 1), event("resolved", 100, 1), account_id=acme.id),
        record("missed", event("opened", 0, 1), event("resolved", 1, 0), account_id=acme.id),
        record("told", event("opened", 0, 1), event("resolved", 100), account_id=acme.id, breaches_told=True),
        record(
            "late",
            event("opened", 0, 1),
            event("resolved", 1),
            event("breached", 90),
            account_id=acme.id,
            breaches_told=True,
        ),
    )
    found = {
        ticket.external_id: (ticket.resolution_met, ticket.our_resolution_met, ticket.source_verdict)
        for ticket in session.scalars(select(Ticket))
    }
    assert found == {
        "met": (True, False, True),
        "missed": (False, True, True),
        "told": (True, False, True),
        "late": (False, True, True),
    }


def test_without_told_answers_that_clock_does_not_run(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 3), account_id=acme.id, answers_told=False))
    ticket = only_ticket(session)
    assert ticket.first_answer_due_at is None
    assert ticket.due_at == ticket.resolution_due_at


def test_waiting_for_the_customer_is_late_for_nothing(session: Session, acme: Account) -> None:
    apply(
        session,
        record("T-1", event("opened", 0, 1), event("first_answered", 0.5), event("waiting", 1), account_id=acme.id),
    )
    assert only_ticket(session).late_since(at(500)) is None
    apply(session, record("T-1", event("working", 400), complete=False, account_id=acme.id))
    assert only_ticket(session).due_at == at(407)  # seven of eight hours were left


def test_text_that_does_not_fit_is_cut(session: Session, acme: Account) -> None:
    apply(
        session,
        record(
            "T-1",
            event("opened", 0, 3),
            account_id=acme.id,
            subject="é\x00" * 400,
            external_url="https://desk.example/" + "x" * 600,
        ),
    )
    ticket = only_ticket(session)
    assert ticket.subject == "é" * 300
    assert ticket.external_url is None


def test_a_record_without_events_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="needs an event"):
        apply(session, TicketRecord("desk", "T-1", at(0), ()))
    assert session.scalar(select(func.count()).select_from(Ticket)) == 0


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_tickets_find_their_account_by_id_domain_or_name(session: Session, make_account: MakeAccount) -> None:
    by_id = make_account("Aldous", external_id="A-17")
    by_domain = make_account("Brevik", domain="Brevik.example")
    by_name = make_account("Société Cahors", name_folded="societe cahors")
    hints = {
        "1": AccountHint(external_id="A-17", name="whatever they call it"),
        "2": AccountHint(domain="brevik.example"),
        "3": AccountHint(name="SOCIETE  Cahors"),
    }
    opened = event("opened", 0, 3)
    apply(session, *(replace(record(key, opened), account=hint) for key, hint in hints.items()))
    found = {ticket.external_id: ticket.account_id for ticket in session.scalars(select(Ticket))}
    assert found == {"1": by_id.id, "2": by_domain.id, "3": by_name.id}


def test_an_account_that_was_renamed_is_found_by_what_the_source_called_it(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 3), company="Acme"))
    acme.name = acme.name_folded = "other"
    session.commit()
    apply(session, record("T-2", event("opened", 1, 3), company="Acme"))
    assert set(session.scalars(select(col(Ticket.account_id)))) == {acme.id}


def test_companies_are_made_once_where_the_source_may(session: Session) -> None:
    def told(number: int, company: str, name: str) -> TicketRecord:
        return replace(
            record(str(number), event("opened", number, 3)),
            account=AccountHint(external_id=company, name=name, create=True),
        )

    apply(session, told(1, "143", "North"), told(2, "143", "North"), told(3, "144", "North"))
    apply(session, told(4, "143", "North, renamed"), told(5, "145", "North"))
    accounts = session.scalars(select(Account).order_by(col(Account.created_at), col(Account.id))).all()
    assert [account.name for account in accounts] == ["North"] * 3  # three ids are three companies, whatever the name
    assert {alias.value for alias in session.scalars(select(AccountAlias))} == {"143", "144", "145"}
    assert session.scalar(select(func.count()).select_from(Ticket).where(col(Ticket.account_id) == accounts[0].id)) == 3
    assert accounts[0].stage_entered_on == at(1).date()


@pytest.mark.parametrize(
    ("hint", "reason"),
    [
        (AccountHint(), text(NO_COMPANY)),
        (AccountHint(name="Nobody"), text(UNKNOWN_COMPANY, name="Nobody")),
        (AccountHint(name="Twin"), text(SEVERAL_COMPANIES, name="Twin")),
    ],
)
def test_a_ticket_without_account_waits_whole_and_says_why(
    session: Session, make_account: MakeAccount, hint: AccountHint, reason: object
) -> None:
    make_account("Twin")
    make_account("Twin")
    told = replace(record("T-1", event("opened", 0, 3), subject="Help"), account=hint)
    assert apply(session, told) == Applied(new=1, unmatched=1)
    assert apply(session, told) == Applied(unchanged=1, unmatched=1)
    waiting = session.scalars(select(UnmatchedTicket)).one()
    assert (waiting.why, waiting.subject, waiting.opened_at) == (reason, "Help", at(0))
    assert session.scalar(select(func.count()).select_from(Ticket)) == 0


def test_a_waiting_ticket_moves_with_all_its_events_once_it_is_matched(session: Session, acme: Account) -> None:
    person = Requester(external_id="9", name="Iris Weber")
    told = replace(
        record("T-1", event("opened", 0, 3), event("escalated", 1), subject="newest", version=20, company="?"),
        requester=person,
    )
    apply(session, told)
    apply(session, record("T-1", event("opened", 0, 3), version=5, subject="older", account_id=acme.id))
    ticket = only_ticket(session)
    assert (ticket.account_id, ticket.subject, ticket.escalated) == (acme.id, "newest", 1)
    assert session.scalar(select(func.count()).select_from(UnmatchedTicket)) == 0
    assert session.get_one(Contact, ticket.contact_id).name == "Iris Weber"


def test_a_ticket_keeps_its_account_when_a_newer_record_names_none(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 3), account_id=acme.id))
    apply(session, record("T-1", event("opened", 0, 3), version=9, subject="newer"))
    assert (only_ticket(session).account_id, only_ticket(session).subject) == (acme.id, "newer")


def test_a_ticket_that_moves_takes_its_facts_along_and_both_accounts_are_told(
    session: Session, make_account: MakeAccount, acme: Account
) -> None:
    other = make_account("Other")
    apply(session, record("T-1", event("opened", 0, 3), event("resolved", 2), account_id=acme.id))
    applied = apply(session, record("T-1", event("opened", 0, 3), event("resolved", 2), version=9, account_id=other.id))
    assert set(applied.account_ids) == {acme.id, other.id}
    for model in (TicketEvent, TicketSpan):
        current = select(col(model.account_id)).where(col(model.closed_at).is_(None))
        assert set(session.scalars(current)) == {other.id}
        before = select(col(model.account_id)).where(col(model.closed_at).is_not(None))
        assert set(session.scalars(before)) == {acme.id}


def test_a_person_may_ask_for_several_accounts(session: Session, make_account: MakeAccount, acme: Account) -> None:
    other = make_account("Other")
    person = Requester(external_id="2403", name="Caller 2403")
    for number, account in enumerate((acme, other, acme)):
        apply(
            session,
            replace(record(f"T-{number}", event("opened", number, 3), account_id=account.id), requester=person),
        )
    contact = session.scalars(select(Contact)).one()
    assert (contact.name, contact.external_id) == ("Caller 2403", "desk:2403")
    assert set(session.scalars(select(col(ContactAccount.account_id)))) == {acme.id, other.id}
    assert set(session.scalars(select(col(Ticket.contact_id)))) == {contact.id}


# --- who is told ------------------------------------------------------------------------------------------------------


def test_it_is_told_once_a_chunk_and_only_of_what_changed(
    session: Session, make_account: MakeAccount, acme: Account
) -> None:
    other = make_account("Other")
    heard: list[TicketsChanged] = []
    session.info[HANDLERS] = {TicketsChanged: [lambda _session, fact: heard.append(fact)]}
    same = record("T-0", event("opened", 0, 3), account_id=other.id)
    apply(session, same)
    heard.clear()
    apply(session, same, *(record(f"T-{n}", event("opened", n, 3), account_id=acme.id) for n in range(1, 4)))
    assert heard == [TicketsChanged((acme.id,))]
    heard.clear()
    apply(session, same)
    assert heard == []


def test_the_source_remembers_its_newest_event(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 3), event("resolved", 40), account_id=acme.id))
    apply(session, record("T-2", event("opened", 1, 3), account_id=acme.id))
    source = session.scalars(select(DataSource).where(col(DataSource.key) == "desk")).one()
    assert source.newest_event_at == at(40)


def test_a_history_is_known_since_it_was_brought_in(session: Session, acme: Account) -> None:
    before = now()
    apply(session, record("T-1", event("opened", 0, 3), account_id=acme.id))
    known = session.scalars(select(col(TicketEvent.known_at))).one()
    assert before <= known <= now()


# --- repeat contacts --------------------------------------------------------------------------------------------------


def test_coming_back_on_a_topic_within_14_days_of_its_resolution_is_a_repeat(session: Session, acme: Account) -> None:
    day = 24
    apply(
        session,
        record("first", event("opened", 0, 3), event("resolved", day), account_id=acme.id, topic="export"),
        record("again", event("opened", 15 * day, 3), account_id=acme.id, topic="export"),
        record("too late", event("opened", 15 * day + 1, 3), account_id=acme.id, topic="export"),
        record("else", event("opened", 3 * day, 3), account_id=acme.id, topic="import"),
        record("none", event("opened", 3 * day, 3), account_id=acme.id),
    )
    tickets = {ticket.external_id: ticket for ticket in session.scalars(select(Ticket))}
    repeats = {key for key, ticket in tickets.items() if ticket.repeat_of_id is not None}
    assert repeats == {"again"}
    assert tickets["again"].repeat_of_id == tickets["first"].id


# --- any order, any batches -------------------------------------------------------------------------------------------

HOURS = st.integers(0, 400)
LATER_KINDS = [kind.value for kind in EventKind if kind not in (EventKind.OPENED, EventKind.REPEATED)]


@st.composite
def told_events(draw: st.DrawFn, opened: int, key_space: int) -> list[EventRecord]:
    found = {"opened": event("opened", opened, draw(st.integers(1, 4)))}
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(LATER_KINDS))
        value = {
            "priority": draw(st.integers(1, 4)),
            "rated": draw(st.integers(0, 100)),
            "resolved": draw(st.sampled_from([None, None, 0, 1])),
            "breached": draw(st.sampled_from([None, 1])),
        }.get(kind)
        one = event(kind, draw(HOURS), value, key=f"k{draw(st.integers(0, key_space))}", seq=draw(st.integers(0, 1)))
        found[one.key] = one
    return list(found.values())


@st.composite
def histories(draw: st.DrawFn) -> list[TicketRecord]:
    """Versions of a few tickets, whole ones and parts, of companies known and unknown."""
    records = []
    for ticket in range(draw(st.integers(1, 3))):
        opened = draw(HOURS)
        versions = draw(st.lists(st.integers(0, 500), min_size=1, max_size=4, unique=True))
        records += [
            record(
                f"T-{ticket}",
                *draw(told_events(opened, 5)),
                version=version,
                complete=draw(st.booleans()),
                company=draw(st.sampled_from(["Acme", "Other", "Nobody", ""])),
                topic=draw(st.sampled_from(["", "export", "import"])),
                subject=f"as of {version}",
                answers_told=draw(st.booleans()),
                breaches_told=draw(st.booleans()),
            )
            for version in versions
        ]
    return records


def cut(records: list[TicketRecord], chance: random.Random) -> Iterable[list[TicketRecord]]:
    while records:
        size = chance.randint(1, len(records))
        yield records[:size]
        records = records[size:]


@pytest.mark.slow
@given(records=histories(), chance=st.randoms(use_true_random=False))
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_order_and_batches_of_arrival_never_matter(
    session: Session, make_account: MakeAccount, records: list[TicketRecord], chance: random.Random
) -> None:
    if not session.scalar(select(func.count()).select_from(Account)):
        make_account("Acme")
        make_account("Other")

    apply(session, *sorted(records, key=lambda one: one.updated_at))
    expected = everything(session)
    for _ in range(2):  # twice is once
        assert apply(session, *sorted(records, key=lambda one: one.updated_at)).new == 0
        assert everything(session) == expected
    session.rollback()

    chance.shuffle(records)
    for batch in cut(records, chance):
        apply(session, *batch)
        check_consistency(session)
    assert everything(session) == expected
    session.rollback()


def check_consistency(session: Session) -> None:
    """Stored tickets are what their stored events make of them, and their spans leave no gap."""
    policies = Policies.of_zone("Europe/Paris")
    for ticket_id, stored in stored_by_id(session, list(session.scalars(select(col(Ticket.id))))).items():
        assert stored.ticket is not None
        row = stored.ticket._mapping
        fields = TicketFields(**{name: row[name] for name in TicketFields.__dataclass_fields__})
        policy = policies.policy_for(row["opened_at"], "", row["channel"])
        rebuilt = project(fields, [one.event for one in stored.events], policy)
        assert {name: row[name] for name in rebuilt.columns} == rebuilt.columns
        spans = spans_of(session, ticket_id)
        assert spans == [tuple(span) for span in rebuilt.spans]
        for one, following in pairwise(spans):
            assert one.to_at == following.from_at > one.from_at
        if spans:
            assert spans[0].from_at == row["opened_at"]
            assert spans[-1].to_at == row["deleted_at"]
        if spans and row["deleted_at"] is None:
            last = spans[-1]._mapping
            assert all(last[name] == row[name] for name in last if name not in ("from_at", "to_at"))


def test_thousands_at_once_take_as_many_statements_as_ten(
    session: Session, acme: Account, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    session.commit()
    bind = session.get_bind()

    def fresh(first: int, n: int) -> int:
        with Session(bind.execution_options(tenure_of_the_test=False)) as other:
            other.info[HANDLERS] = {}
            told = [
                record(f"T-{k}", event("opened", k, 3), event("resolved", k + 2), account_id=acme.id, topic=f"{first}")
                for k in range(first, first + n)
            ]
            seen = count_queries(lambda: apply_tickets(other, told))
            other.commit()
            return seen

    few = fresh(0, 10)
    assert fresh(100, 800) == few


def test_time_runs_on_for_an_open_ticket_only_in_what_is_asked_of_it(session: Session, acme: Account) -> None:
    apply(session, record("T-1", event("opened", 0, 1), account_id=acme.id))
    ticket = only_ticket(session)
    assert ticket.late_since(at(1)) is None  # due at that very instant
    assert ticket.late_since(at(1) + timedelta(seconds=1)) == at(1)
