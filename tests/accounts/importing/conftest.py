"""Bringing a text in as a file, and looking at what it left."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from sqlmodel import Session, col, select

from accounts.importing import service
from accounts.importing.targets import Kind
from accounts.models import Account
from crm.csv_io import ImportProblem, ImportRun
from crm.events import HANDLERS
from crm.viewer import Viewer

Bring = Callable[..., ImportRun]


@pytest.fixture(autouse=True)
def nobody_listens(session: Session) -> None:
    """What other slices make of new accounts is their tests' matter."""
    session.info[HANDLERS] = {}


@pytest.fixture
def look_at(session: Session, ana: Viewer) -> Bring:
    """Upload only."""

    def look_at(content: str | bytes, viewer: Viewer = ana, kind: Kind | None = None, name: str = "a.csv") -> ImportRun:
        sent = content.encode() if isinstance(content, str) else content
        return service.receive(session, viewer, io.BytesIO(sent), name, kind)

    return look_at


@pytest.fixture
def bring(session: Session, look_at: Bring, ana: Viewer) -> Bring:
    """Upload and carry out."""

    def bring(content: str | bytes, viewer: Viewer = ana, kind: Kind | None = None) -> ImportRun:
        run = look_at(content, viewer, kind)
        service.start(session, viewer, run)
        session.commit()
        return run

    return bring


def outcome(run: ImportRun) -> tuple[int, int, int, int]:
    """New, changed, as they are, to mend."""
    counts = run.counts
    return counts["new"], counts["updated"], counts["unchanged"], counts["rejected"]


def reasons(session: Session, run: ImportRun) -> list[tuple[int, str, str]]:
    found: Sequence[ImportProblem] = session.exec(
        select(ImportProblem)
        .where(col(ImportProblem.import_run_id) == run.id)
        .order_by(col(ImportProblem.line), col(ImportProblem.id))
    ).all()
    return [(problem.line, problem.column_name, str(problem.reason)) for problem in found]


def account(session: Session, name: str) -> Account:
    session.expire_all()
    return session.exec(select(Account).where(col(Account.name) == name)).one()
