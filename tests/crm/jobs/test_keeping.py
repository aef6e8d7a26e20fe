from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from crm.clock import machine_now
from crm.jobs import JobRun, JobState
from crm.jobs.keeping import forget_finished


def test_what_ended_well_long_ago_is_forgotten_and_dead_letters_are_not(session: Session) -> None:
    now = machine_now()
    for slot, state, days in (("old", JobState.DONE, 31), ("new", JobState.DONE, 29), ("dead", JobState.FAILED, 400)):
        session.add(JobRun(name="x", slot=slot, state=state, finished_at=now - timedelta(days=days)))
    session.flush()
    assert forget_finished(session, now) == 1
    assert {run.slot for run in session.exec(select(JobRun))} == {"new", "dead"}
