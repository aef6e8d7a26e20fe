"""From a path to an import that the viewer may open."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from accounts.importing.queries import get_run
from crm.csv_io import ImportRun
from crm.identity.deps import requires
from crm.viewer import Capability, Viewer
from crm.web.session import DbSession

WhoMayImport = Annotated[Viewer, Depends(requires(Capability.IMPORT), scope="function")]


def run_in_scope(run_id: int, session: DbSession, viewer: WhoMayImport) -> ImportRun:
    return get_run(session, viewer, run_id)


RunInScope = Annotated[ImportRun, Depends(run_in_scope, scope="function")]
