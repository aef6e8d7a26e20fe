"""Usage comes in by file: idempotent, corrected by a newer value, each bad row with its reason."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from accounts.importing import service
from accounts.importing.targets import Kind
from accounts.models import Account
from accounts.usage.importing import UsageImporter, _Days
from accounts.usage.models import UsageCorrection, UsageDay, UsageMetric, as_value, day_number
from crm.clock import machine_now
from crm.csv_io import ImportRun, ImportState
from crm.db import Database
from crm.jobs import QueuedJob, Worker
from crm.slices import REGISTRY
from crm.viewer import Viewer
from health_scores.models import HealthScore
from tests.accounts.importing.conftest import outcome, reasons
from tests.accounts.usage.conftest import BringUsage

MakeAccount = Callable[..., Account]

HEAD = "account,day,metric,value\n"


def told(session: Session) -> list[tuple[int, str, int | float]]:
    """Account, metric, value in the order of days."""
    session.expire_all()
    rows = session.exec(
        select(UsageDay, UsageMetric.key)
        .join(UsageMetric, col(UsageMetric.id) == col(UsageDay.metric_id))
        .order_by(col(UsageDay.day), col(UsageDay.account_id), col(UsageMetric.key))
    )
    return [(row.account_id, key, as_value(row.value_milli)) for row, key in rows]


def test_a_row_finds_its_account_by_identifier_website_or_exact_name(
    session: Session, make_account: MakeAccount, bring_usage: BringUsage
) -> None:
    one = make_account("Acme", external_id="C-1")
    two = make_account("Corvin", domain="corvin.example")
    three = make_account("Société Générale")
    run = bring_usage(
        HEAD + "C-1,2026-11-16,Active users,12\ncorvin.example,2026-11-16,Active users,34\n"
        "societe generale,2026-11-16,active_users,5.5\n"
    )
    assert outcome(run) == (3, 0, 0, 0)
    assert sorted(told(session)) == sorted(
        [(one.id, "active users", 12), (two.id, "active users", 34), (three.id, "active users", 5.5)]
    )


def test_the_same_file_again_changes_nothing(session: Session, acme: Account, bring_usage: BringUsage) -> None:
    file = HEAD + "".join(f"Acme,2026-11-{day:02},Logins,{day}\n" for day in range(1, 21))
    assert outcome(bring_usage(file)) == (20, 0, 0, 0)
    assert outcome(bring_usage(file)) == (0, 0, 20, 0)
    assert session.exec(select(UsageCorrection)).all() == []


def test_a_newer_value_closes_the_former_and_adds_its_own(
    session: Session, acme: Account, bring_usage: BringUsage
) -> None:
    bring_usage(HEAD + "Acme,2026-11-16,Logins,10\n")
    assert outcome(bring_usage(HEAD + "Acme,2026-11-16,Logins,12\n")) == (0, 1, 0, 0)
    assert told(session) == [(acme.id, "logins", 12)]
    (closed,) = session.exec(select(UsageCorrection))
    now = session.exec(select(UsageDay)).one()
    assert (closed.value_milli, closed.closed_at) == (10_000, now.known_at)
    assert closed.known_at < closed.closed_at


@pytest.mark.parametrize(
    ("day", "value", "said"),
    [
        ("16/11/2026", "1 234,5", 1234.5),
        ("2026-11-16", "1,234.5", 1234.5),
        ("16 novembre 2026", "0", 0),
        ("20261116", "7", 7),
    ],
)
def test_days_and_decimals_are_read_as_people_write_them(
    session: Session, acme: Account, bring_usage: BringUsage, day: str, value: str, said: float
) -> None:
    run = bring_usage(f"Compte;Jour;Indicateur;Valeur\nAcme;{day};Connexions;{value}\n")
    assert reasons(session, run) == []
    assert told(session) == [(acme.id, "connexions", said)]
    assert session.exec(select(UsageDay.day)).one() == day_number(date(2026, 11, 16))


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("Moon,2026-11-16,Logins,1", "account", "There is no account “Moon” here; import it first, or mend the name."),
        ("Acme,soon,Logins,1", "day", "“soon” is not a date."),
        ("Acme,2026-11-24,Logins,1", "day", "2026-11-24 has not come yet."),
        ("Acme,2026-11-16,Logins,many", "value", "“many” is not an amount."),
        ("Acme,2026-11-16,Logins,-3", "value", "“-3” is below zero; usage is 0 or more."),
        ("Acme,2026-11-16,,3", "metric", "This row names no metric."),
        ("Acme,2026-11-16,Logins,", "value", "This row has no value."),
        (",2026-11-16,Logins,3", "account", "This row names no account."),
    ],
)  # fmt: skip
def test_a_bad_row_is_left_out_with_line_column_and_reason(
    session: Session, acme: Account, bring_usage: BringUsage, row: str, column: str, reason: str
) -> None:
    run = bring_usage(HEAD + "Acme,2026-11-15,Logins,1\n" + row + "\n")
    assert outcome(run) == (1, 0, 0, 1)
    assert reasons(session, run) == [(3, column, reason)]


def test_a_day_told_twice_in_one_file_is_taken_once_and_said_when_it_differs(
    session: Session, acme: Account, bring_usage: BringUsage
) -> None:
    file = HEAD + "Acme,2026-11-16,Logins,1\nAcme,2026-11-16,logins,1\nAcme,2026-11-16,Logins,2\n"
    run = bring_usage(file)
    assert outcome(run) == (1, 0, 1, 1)
    assert reasons(session, run) == [
        (4, "value", "Another line of this file says 1 for the same day; keep one of the two.")
    ]
    assert outcome(bring_usage(file)) == (0, 0, 2, 1)
    assert told(session) == [(acme.id, "logins", 1)]


def test_usage_of_accounts_in_other_hands_is_left_out(
    session: Session, acme: Account, zoe: Viewer, bring_usage: BringUsage
) -> None:
    run = bring_usage(HEAD + "Acme,2026-11-16,Logins,1\n", zoe)
    assert outcome(run) == (0, 0, 0, 1)
    assert told(session) == []
    assert "ask them or their manager" in reasons(session, run)[0][2]


def test_an_account_is_scored_with_what_was_brought(session: Session, acme: Account, bring_usage: BringUsage) -> None:
    bring_usage(HEAD + "Acme,2026-11-16,Logins,1\n")
    assert session.get_one(HealthScore, acme.id).account_id == acme.id


def test_the_days_of_a_file_are_remembered_by_a_bit_each() -> None:
    dice = random.Random(4)
    days, plain = _Days(), set()
    for _ in range(400):
        day = 20_000 + dice.randrange(800)
        assert days.has(day) == (day in plain)
        days.add(day)
        plain.add(day)


class Killed(BaseException):
    """As if the process had died: nobody writes anything after it."""


def big_file(rows: int) -> Iterator[str]:
    yield HEAD
    for number in range(rows):
        yield f"C-{number % 40},2026-{1 + number // 40 % 10:02}-{1 + number // 400 % 28:02},Logins,{number % 90}\n"


def test_a_large_file_goes_on_where_it_was_killed(
    session: Session, database: Database, make_account: MakeAccount, admin: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        make_account(f"Account {number}", external_id=f"C-{number}")
    session.commit()
    content = "".join(big_file(7_000))
    run = service.receive(session, admin, io.BytesIO(content.encode()), "usage.csv", Kind.USAGE)
    service.start(session, admin, run)
    session.commit()

    write, written = UsageImporter.write, []

    def dying(self: UsageImporter, *given: Any) -> None:
        write(self, *given)
        written.append(1)
        if len(written) == 3:
            raise Killed  # after the rows were written, before they were committed

    monkeypatch.setattr(UsageImporter, "write", dying)
    with pytest.raises(Killed):
        Worker(database, REGISTRY, threads=0, with_clock=False).run_due()
    session.expire_all()
    assert session.get_one(ImportRun, run.id).counts["rows"] == 4_000 == len(told(session))
    monkeypatch.setattr(UsageImporter, "write", write)
    session.execute(update(QueuedJob).values(lease_until=machine_now() - timedelta(seconds=1)))
    session.commit()
    Worker(database, REGISTRY, threads=0, with_clock=False).run_due()
    session.expire_all()
    done = session.get_one(ImportRun, run.id)
    assert (done.state, done.counts["rows"]) == (ImportState.DONE, 7_000)
    assert done.counts["new"] == len(told(session)) == 7_000
