"""Taking back what one has just done."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from crm import undo
from crm.identity.deps import CurrentViewer
from crm.identity.routes._browser import go_next
from crm.web.forms import Form, Submitted, submitted
from crm.web.pages import offering_undo
from crm.web.session import AppRegistry, DbSession

router = APIRouter()


class UndoForm(Form):
    next: str = ""  # the page on which it was offered


UndoSubmitted = Annotated[Submitted[UndoForm], Depends(submitted(UndoForm))]


@router.post("/undo/{entry_id:int}", name="identity.undo.create")
def create_undo(
    request: Request,
    entry_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    sent: UndoSubmitted,
) -> Response:
    entry = undo.get_entry(session, viewer, entry_id)
    undo.take_back(session, registry, viewer, entry)
    answer = go_next(request, str(sent.raw.get("next", "")))
    return offering_undo(request, answer, entry)  # the next page says that it was taken back
