"""From a path to an import of tickets that the viewer may open."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from accounts.importing.deps import WhoMayImport
from crm.csv_io import ImportRun
from crm.web.session import DbSession
from support.importing.queries import get_run


def run_in_scope(run_id: int, session: DbSession, viewer: WhoMayImport) -> ImportRun:
    return get_run(session, viewer, run_id)


RunInScope = Annotated[ImportRun, Depends(run_in_scope, scope="function")]
