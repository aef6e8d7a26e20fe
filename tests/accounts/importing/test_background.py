"""Large files: in the background, chunk by chunk, whole after a kill at any point."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select, update

from accounts.importing import jobs, running, service
from accounts.importing.jobs import FORGET_UPLOADS, IMPORT_ROWS
from accounts.models import Account, OwnValue
from crm.clock import machine_now
from crm.contracts import Registry, Slice
from crm.csv_io import ImportProblem, ImportRun, ImportState
from crm.db import Database
from crm.jobs import JobState, QueuedJob, Worker
from crm.viewer import Viewer
from tests.accounts.importing.conftest import Bring, outcome

REGISTRY = Registry([Slice(name="importing", jobs=(IMPORT_ROWS, FORGET_UPLOADS))])

ROWS = 60
FILE = "Client;ARR;Fin de contrat;Note\n" + "".join(
    f"Client {n};{n} €;{'31/02/2027' if n % 10 == 0 else '31/03/2027'};note {n}\n" for n in range(ROWS)
)
FILE += "Client 1;999 €;31/03/2027;note 1\n"  # says something else of an account of the first chunk


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 10)

    def in_chunks(rows: Any, _size: int) -> Iterator[list[Any]]:
        return running.in_chunks(rows, 7)

    monkeypatch.setattr(jobs, "in_chunks", in_chunks)


@pytest.fixture
def worker(database: Database) -> Worker:
    database.handlers = {}
    return Worker(database, REGISTRY, threads=0, with_clock=False)


def begin(session: Session, look_at: Bring, viewer: Viewer) -> ImportRun:
    run = look_at(FILE, viewer)
    service.start(session, viewer, run)
    session.commit()
    return run


def test_a_large_file_is_brought_in_by_a_job(session: Session, look_at: Bring, worker: Worker, ana: Viewer) -> None:
    run = begin(session, look_at, ana)
    assert (run.state, session.exec(select(func.count()).select_from(Account)).one()) == (ImportState.RUNNING, 0)
    path = service.upload_of(run)
    session.commit()
    worker.run_due()
    session.expire_all()
    assert (run.state, outcome(run)) == (ImportState.DONE, (54, 0, 0, 7))
    assert run.finished_at is not None
    assert not path.exists()
    owners = session.exec(select(Account.owner_id).distinct()).all()
    assert owners == [ana.user_id]  # the job does it with the rights of who asked


class Killed(BaseException):
    """As if the process had died: nobody writes anything after it."""


@pytest.mark.parametrize("at", [1, 3, 8, 9])
def test_a_kill_between_or_inside_chunks_loses_and_doubles_nothing(
    session: Session,
    look_at: Bring,
    worker: Worker,
    database: Database,
    ana: Viewer,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    run = begin(session, look_at, ana)
    calls = 0
    keep = service.keep

    def dying(*args: Any) -> None:
        nonlocal calls
        calls += 1
        keep(*args)
        if calls == at:
            raise Killed  # after the rows were written, before they were committed

    monkeypatch.setattr(service, "keep", dying)
    with pytest.raises(Killed):
        worker.run_due()
    monkeypatch.setattr(service, "keep", keep)
    session.expire_all()
    assert run.state is ImportState.RUNNING
    assert run.counts["rows"] == 7 * (at - 1)
    assert session.exec(select(func.count()).select_from(Account)).one() == run.counts["new"]

    session.execute(update(QueuedJob).values(lease_until=machine_now() - timedelta(seconds=1)))
    session.commit()
    Worker(database, REGISTRY, threads=0, with_clock=False).run_due()
    session.expire_all()
    assert (run.state, outcome(run)) == (ImportState.DONE, (54, 0, 0, 7))
    assert session.exec(select(func.count()).select_from(Account)).one() == 54
    assert session.exec(select(func.count()).select_from(OwnValue)).one() == 54
    last = session.exec(select(ImportProblem).order_by(col(ImportProblem.line).desc())).first()
    assert last is not None
    assert str(last.reason) == "Line 3 already speaks of Client 1, and says something else."


def test_a_job_that_gives_up_can_go_on_where_it_stopped(
    session: Session, look_at: Bring, worker: Worker, ana: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm.jobs import try_again

    run = begin(session, look_at, ana)
    path = service.upload_of(run)
    hidden = path.rename(path.with_suffix(".away"))
    worker.run_due()
    session.expire_all()
    job = session.exec(select(QueuedJob)).one()
    assert (job.state, run.state) == (JobState.FAILED, ImportState.FAILED)
    assert job.error == "The file is no longer here. Please choose it once more."
    hidden.rename(path)
    assert try_again(session, job)
    session.commit()
    worker.run_due()
    session.expire_all()
    assert (run.state, outcome(run)) == (ImportState.DONE, (54, 0, 0, 7))


def test_what_nobody_carries_out_is_forgotten_after_a_day(session: Session, look_at: Bring, worker: Worker) -> None:
    old, young = look_at("Client\nAcme\n"), look_at("Client\nBeta\n")
    old_path, young_path = service.upload_of(old), service.upload_of(young)
    stray = service.uploads_folder() / "stray.csv"
    stray.write_text("x", "utf-8")
    yesterday = machine_now() - timedelta(hours=25)
    old.created_at = yesterday
    for path in (old_path, stray):
        os.utime(path, (yesterday.timestamp(), yesterday.timestamp()))
    session.commit()
    assert FORGET_UPLOADS.run is not None
    assert FORGET_UPLOADS.run(session, machine_now()) == "1 previews forgotten, 2 files removed"
    assert session.exec(select(ImportRun.id)).all() == [young.id]
    assert sorted(Path(found).name for found in service.uploads_folder().iterdir()) == [young_path.name]
