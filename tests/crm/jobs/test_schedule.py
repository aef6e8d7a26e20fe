from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from crm.contracts import Job
from crm.db import Database
from crm.jobs import JobRun, leases
from crm.jobs.clock import LEASE, insert_due_slots
from crm.jobs.schedule import last_due, slot_name
from tests.crm.jobs._bench import one_line

PARIS = ZoneInfo("Europe/Paris")
NIGHTLY = Job("nightly", run=one_line, cron="0 3 * * *", period="%Y-%m-%d")
MINUTELY = Job("minutely", run=one_line, cron="* * * * *")
MONDAYS = Job("mondays", run=one_line, cron="0 8 * * mon", period="%G-W%V")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("job", "now", "due"),
    [
        (NIGHTLY, "2026-11-23T10:00+01:00", "2026-11-23T03:00+01:00"),
        (NIGHTLY, "2026-11-23T02:59+01:00", "2026-11-22T03:00+01:00"),
        (NIGHTLY, "2026-11-23T03:00+01:00", "2026-11-23T03:00+01:00"),
        (MINUTELY, "2026-11-23T10:00:30+01:00", "2026-11-23T10:00+01:00"),
        (MONDAYS, "2026-11-22T10:00+01:00", "2026-11-16T08:00+01:00"),
    ],
)
def test_last_due(job: Job, now: str, due: str) -> None:
    assert last_due(job, PARIS, at(now)) == at(due)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
@pytest.mark.parametrize("cron", ["30 1 * * *", "30 2 * * *", "0 3 * * *", "30 0 * * *"])
def test_a_local_time_comes_once_a_day_through_two_years(zone: str, cron: str) -> None:
    """Asked at all hours, as a process that is restarted again and again would."""
    there = ZoneInfo(zone)
    job = Job("daily", run=one_line, cron=cron, period="%Y-%m-%d")
    now, end = at("2026-01-02T00:00+00:00"), at("2028-01-02T00:00+00:00")
    slots: dict[str, datetime] = {}
    while now < end:
        due = last_due(job, there, now)
        assert due is not None
        slots.setdefault(slot_name(job, due, there), due)
        now += timedelta(hours=7)
    days = Counter(due.astimezone(there).date() for due in slots.values())
    assert set(days.values()) == {1}
    assert len(days) == (max(days) - min(days)).days + 1 >= 729  # none is missing


def test_no_minute_is_lost_when_the_clocks_go_back() -> None:
    now = at("2026-10-25T02:00+02:00")
    names = {slot_name(MINUTELY, now + timedelta(minutes=minute), PARIS) for minute in range(120)}
    assert len(names) == 120


def test_what_was_missed_is_caught_up_once(database: Database, session: Session) -> None:
    leases.take(session, LEASE, "me", now=at("2026-11-20T12:00+01:00"), seconds=15)
    now = at("2026-11-23T10:00+01:00")
    assert insert_due_slots(session, (NIGHTLY, MINUTELY), now) == 2  # three nights were missed: one run, not three
    assert insert_due_slots(session, (NIGHTLY, MINUTELY), now) == 0
    assert {run.slot for run in session.exec(select(JobRun))} == {"2026-11-23", "2026-11-23T09:00"}


def test_what_was_due_before_we_were_there_is_not_owed(database: Database, session: Session) -> None:
    now = at("2026-11-23T10:00+01:00")
    leases.take(session, LEASE, "me", now=now, seconds=15)
    assert insert_due_slots(session, (NIGHTLY,), now) == 0
    assert insert_due_slots(session, (NIGHTLY,), now + timedelta(days=1)) == 1


def test_a_lease_has_one_holder(session: Session) -> None:
    now = at("2026-11-23T10:00+01:00")
    assert leases.take(session, "x", "ana", now=now, seconds=15)
    assert not leases.take(session, "x", "ben", now=now, seconds=15)
    assert leases.take(session, "x", "ana", now=now + timedelta(seconds=10), seconds=15)
    assert not leases.take(session, "x", "ben", now=now + timedelta(seconds=20), seconds=15)
    assert leases.take(session, "x", "ben", now=now + timedelta(seconds=26), seconds=15)
    leases.give_back(session, "x", "ben", now=now + timedelta(seconds=27))
    assert leases.take(session, "x", "ana", now=now + timedelta(seconds=27), seconds=15)
