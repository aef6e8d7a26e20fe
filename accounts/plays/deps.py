"""From a path to a play, and to a run on an account one may read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from accounts.deps import AccountInScope
from accounts.plays.models import Play, PlayRun
from accounts.plays.queries import get_play, get_run
from crm.identity.deps import CurrentViewer, requires
from crm.viewer import Capability, Viewer
from crm.web.session import DbSession

WhoMayWritePlays = Annotated[Viewer, Depends(requires(Capability.MANAGE_PLAYS), scope="function")]


def play_in_scope(play_id: int, session: DbSession, viewer: CurrentViewer) -> Play:
    return get_play(session, play_id)


def run_in_scope(run_id: int, account: AccountInScope, session: DbSession) -> PlayRun:
    return get_run(session, account, run_id)


PlayInScope = Annotated[Play, Depends(play_in_scope, scope="function")]
RunInScope = Annotated[PlayRun, Depends(run_in_scope, scope="function")]
