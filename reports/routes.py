"""The account report as a PDF, made when it is asked for."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from accounts.deps import AccountInScope
from crm.identity.deps import CurrentViewer, requires
from crm.text import N_
from crm.viewer import Capability
from crm.web.pages import language_of, page
from crm.web.session import AppRegistry, DbSession, Now
from reports.account_report import account_report
from reports.brief import brief_of
from reports.printing import file_name, print_brief, print_report

router = APIRouter()


@router.get(
    "/accounts/{account_id}/report",
    name="reports.account.show",
    dependencies=[Depends(requires(Capability.REPORT))],
)
def show_account_report(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    lang: Annotated[Literal["en", "fr"] | None, Query()] = None,
) -> Response:
    language = lang or language_of(request)
    report = account_report(session, viewer, registry, account, now=now, language=language)
    pdf = print_report(report, language=language, time_zone=viewer.time_zone)
    return _as_pdf(pdf, file_name(report, language))


@router.get("/accounts/{account_id:int}/brief", name="reports.brief.show")
def show_brief(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    meeting: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    """One page to read before a talk, for whoever may read the account."""
    brief = brief_of(session, viewer, registry, account, now=now, language=language_of(request), meeting_id=meeting)
    return page(request, "reports/brief.html", account=account, brief=brief)


@router.get("/accounts/{account_id:int}/brief.pdf", name="reports.brief.print")
def print_brief_of(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    meeting: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    language = language_of(request)
    brief = brief_of(session, viewer, registry, account, now=now, language=language, meeting_id=meeting)
    pdf = print_brief(brief, language=language, time_zone=viewer.time_zone)
    return _as_pdf(pdf, file_name(brief.report, language, N_("brief")))


def _as_pdf(pdf: bytes, name: str) -> Response:
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename=\"report.pdf\"; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
