"""Reads of imports of tickets. A run is opened by whoever brought the file, and by administrators."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.importing.queries import may_open
from crm.csv_io import ImportRun, ImportState
from crm.errors import NotFound
from crm.i18n.write import Moment
from crm.text import N_, Text, text
from crm.viewer import Viewer
from support.importing.running import KIND
from support.models.importing import ImportUndo, UndoState


def get_run(session: Session, viewer: Viewer, run_id: int) -> ImportRun:
    run = session.get(ImportRun, run_id)
    if run is None or not may_open(viewer, run, (KIND,)):
        raise NotFound(N_("There is no such import."))
    return run


def earlier_run_of(session: Session, run: ImportRun) -> ImportRun | None:
    """The same file, carried out before and not taken back."""
    undone = select(col(ImportUndo.import_run_id))
    return session.scalars(
        select(ImportRun)
        .where(
            col(ImportRun.digest) == run.digest,
            col(ImportRun.kind) == KIND,
            col(ImportRun.state) == ImportState.DONE,
            col(ImportRun.id) != run.id,
            col(ImportRun.id).not_in(undone),
        )
        .order_by(col(ImportRun.created_at).desc(), col(ImportRun.id).desc())
        .limit(1)
    ).first()


def told_of(session: Session, run_ids: Collection[int]) -> Mapping[int, Text]:
    """Which of these were taken back, for the list of imports."""
    undone = session.scalars(select(ImportUndo).where(col(ImportUndo.import_run_id).in_(run_ids)))
    return {
        one.import_run_id: text(N_("taken back %(when)s"), when=Moment(one.finished_at))
        if one.state is UndoState.DONE and one.finished_at
        else text(N_("being taken back"))
        for one in undone
    }
