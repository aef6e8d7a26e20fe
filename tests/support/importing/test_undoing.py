"""An import taken back: everything reads as in a world in which it never was, but for what others have done since."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.models import Account, AccountAlias, Contact, ContactAccount, DataSource
from crm.clock import machine_now
from crm.csv_io import ImportRun, ImportState
from crm.db import Database, table_of
from crm.viewer import system_viewer
from support.importing.undoing import undo_import_now
from support.models import EventKind, Ticket, TicketEvent, TicketSpan, UnmatchedTicket
from support.records import AccountHint, Requester, TicketFields, TicketRecord
from support.service import apply_tickets
from tests.support._telling import at, event

Batch = Sequence[TicketRecord]


def undo(database: Database, run_id: int) -> dict[str, int]:
    def unit(mark: int, done: int) -> AbstractContextManager[Session]:
        return database.unit_of_work()

    return undo_import_now(unit, run_id, system_viewer())


def new_run(database: Database, key: str) -> int:
    with database.unit_of_work() as session:
        run = ImportRun(kind="tickets", file_name="f.csv", digest="0" * 64, source_key=key)
        session.add(run)
        return run.id


def tell(database: Database, batch: Batch, run_id: int | None) -> None:
    with database.unit_of_work() as session:
        applied = apply_tickets(session, batch, import_run_id=run_id)
        if run_id is not None:
            tickets = applied.new + applied.updated + applied.unchanged
            session.execute(
                update(table_of(ImportRun))
                .where(table_of(ImportRun).c.id == run_id)
                .values(counts={"tickets": tickets}, state=ImportState.DONE, finished_at=machine_now())
            )


def state(database: Database, key: str) -> dict[str, Any]:
    """Everything that is read of one source, by the names that it gives. ``key`` also begins the names of companies."""
    with database.reading() as session:
        t, e, s, c, a = (table_of(model) for model in (Ticket, TicketEvent, TicketSpan, Contact, Account))
        there = select(e.c.ticket_id).where(e.c.closed_at.is_(None))
        tickets = session.execute(select(t).where(t.c.source_key == key, t.c.id.in_(there))).mappings().all()
        names = {row["id"]: row["external_id"] for row in tickets}
        accounts = {row.id: row.name.removeprefix(key) for row in session.execute(select(a.c.id, a.c.name))}
        people = {row.id: row.name for row in session.execute(select(c.c.id, c.c.name))}

        def plain(row: Any) -> tuple[tuple[str, Any], ...]:
            found = {name: value for name, value in row.items() if name not in _LEFT_OUT}
            found["account_id"] = accounts[row["account_id"]]
            if "contact_id" in found:
                found["contact_id"] = people.get(row["contact_id"])
            if "repeat_of_id" in found:
                found["repeat_of_id"] = names.get(row["repeat_of_id"])
            if found.get("kind") is EventKind.REPEATED:
                found["data"] = names[int(row["data"]["of"])]
            return tuple(sorted((name, str(value)) for name, value in found.items()))

        def of_tickets(table: Any) -> list[Any]:
            rows = session.execute(
                select(table).where(table.c.ticket_id.in_(list(names)), table.c.closed_at.is_(None))
            ).mappings()
            return sorted((names[row["ticket_id"]], plain(row)) for row in rows)

        unmatched = session.execute(select(table_of(UnmatchedTicket)).filter_by(source_key=key)).mappings()
        open_accounts = session.scalars(select(a.c.id).where(a.c.name.startswith(key), a.c.closed_at.is_(None))).all()
        links = select(col(ContactAccount.contact_id), col(ContactAccount.account_id)).where(
            col(ContactAccount.account_id).in_(open_accounts)
        )
        open_people = select(c.c.name).where(
            c.c.closed_at.is_(None),
            c.c.id.in_(select(col(ContactAccount.contact_id)).where(col(ContactAccount.account_id).in_(open_accounts))),
        )
        aliases = select(col(AccountAlias.kind), col(AccountAlias.value), col(AccountAlias.account_id)).where(
            col(AccountAlias.source_key) == key
        )
        return {
            "tickets": sorted((row["external_id"], plain(row)) for row in tickets),
            "events": of_tickets(e),
            "spans": of_tickets(s),
            "unmatched": sorted(
                (
                    row["external_id"],
                    row["subject"],
                    row["updated_at"],
                    row["complete_at"],
                    sorted(str(one) for one in row["record"]["events"]),
                )
                for row in unmatched
            ),
            "accounts": sorted(accounts[one] for one in open_accounts),
            "people": sorted(session.scalars(open_people)),
            "links": sorted((people[person], accounts[account]) for person, account in session.execute(links)),
            "aliases": sorted(
                (kind, value.replace(key, ""), accounts[account]) for kind, value, account in session.execute(aliases)
            ),
            # That a source once told something newer and took it back itself is forgotten by an undo.
            "source": session.scalars(select(col(DataSource.title)).filter_by(key=key)).all() and ["told"],
        }


_LEFT_OUT = {
    "id", "digest", "known_at", "closed_at", "import_run_id", "ticket_id", "source_key", "account_id",
}  # fmt: skip


# --- a world with and a world without ---------------------------------------------------------------------------------

_KINDS = st.sampled_from(["waiting", "resolved", "reopened", "escalated", "rated", "deleted", "customer_reply"])


@st.composite
def told_tickets(draw: st.DrawFn) -> TicketRecord:
    opened = draw(st.integers(0, 3)) * 10
    events = [event("opened", opened, draw(st.sampled_from([1.0, 3.0])))]
    for kind in draw(st.lists(_KINDS, max_size=3, unique=True)):
        hours = opened + draw(st.integers(1, 8))
        events.append(event(kind, hours, 80.0 if kind == "rated" else None))
    company = draw(st.sampled_from(["", "Acme", "Beta"]))
    return TicketRecord(
        source_key="",
        external_id=draw(st.sampled_from(["T1", "T2", "T3"])),
        updated_at=at(opened + draw(st.integers(8, 12))),
        events=tuple(events),
        fields=TicketFields(subject=draw(st.sampled_from(["a", "b"])), topic=draw(st.sampled_from(["", "login"]))),
        complete=draw(st.booleans()),
        account=AccountHint(name=company, create=True),
        requester=Requester(*draw(st.sampled_from([("", "", ""), ("7", "Eva", ""), ("8", "Jan", "")]))),
    )


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[tuple[list[TicketRecord], bool]], int]:
    """Batches, each with whether it is an import, and which of them is taken back. The same file may come twice."""
    batches = draw(
        st.lists(st.tuples(st.lists(told_tickets(), min_size=1, max_size=4), st.booleans()), min_size=1, max_size=4)
    )
    if draw(st.booleans()):
        batches.append((draw(st.sampled_from(batches))[0], draw(st.booleans())))
    which = draw(st.integers(0, len(batches) - 1))
    batches[which] = (batches[which][0], True)
    return batches, which


_number = count()
_PHASES = (Phase.explicit, Phase.generate)  # a story is a dozen transactions: making it smaller takes minutes


def of_world(batch: Batch, key: str) -> list[TicketRecord]:
    return [
        replace(
            one,
            source_key=key,
            account=one.account._replace(name=f"{key}{one.account.name}" if one.account.name else ""),
        )
        for one in batch
    ]


@settings(
    max_examples=25,
    deadline=None,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories())
def test_after_an_undo_the_world_is_one_without_the_import(
    database: Database, story: tuple[list[tuple[list[TicketRecord], bool]], int]
) -> None:
    batches, which = story
    number = next(_number)
    with_it, without = f"w{number}", f"o{number}"
    undone = 0
    for place, (batch, is_import) in enumerate(batches):
        run_id = new_run(database, with_it) if is_import else None
        tell(database, of_world(batch, with_it), run_id)
        if place == which:
            assert run_id is not None
            undone = run_id
        else:
            tell(database, of_world(batch, without), new_run(database, without) if is_import else None)
    undo(database, undone)
    found, wanted = state(database, with_it), state(database, without)
    for name in wanted:
        assert found[name] == wanted[name], name


@settings(
    max_examples=10,
    deadline=None,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories(), st.randoms(use_true_random=False))
def test_imports_taken_back_one_by_one_leave_nothing(
    database: Database, story: tuple[list[tuple[list[TicketRecord], bool]], int], chance: Any
) -> None:
    batches, _ = story
    key = f"a{next(_number)}"
    runs = []
    for batch, _is_import in batches:
        runs.append(new_run(database, key))
        tell(database, of_world(batch, key), runs[-1])
    chance.shuffle(runs)
    for run_id in runs:
        undo(database, run_id)
    assert {name: found for name, found in state(database, key).items() if found} == {}
