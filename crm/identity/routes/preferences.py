"""How one wants to see things, for people inside and for those before the door (their language)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from crm.errors import Invalid
from crm.identity import service
from crm.identity.deps import MaybeViewer
from crm.identity.forms import PreferencesSubmitted
from crm.identity.routes._browser import go_next, keep_language
from crm.text import N_
from crm.web.session import DbSession

router = APIRouter()


@router.post("/preferences", name="identity.preferences.update")
def update_preferences(
    request: Request, session: DbSession, viewer: MaybeViewer, sent: PreferencesSubmitted
) -> Response:
    if sent.form is None:
        raise Invalid(N_("This is not a way to show pages that Tenure knows."))
    chosen = sent.form.model_dump(exclude_none=True, exclude={"next"})
    if viewer is not None:
        service.keep_preferences(session, request.state.user, **chosen)
    answer = go_next(request, sent.form.next)
    if sent.form.language:
        keep_language(request, answer, sent.form.language)
    return answer
