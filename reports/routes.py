"""The account report as a PDF, made when it is asked for."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from accounts.deps import AccountInScope
from crm.identity.deps import CurrentViewer, requires
from crm.viewer import Capability
from crm.web.pages import language_of
from crm.web.session import AppRegistry, DbSession, Now
from reports.account_report import account_report
from reports.printing import file_name, print_report

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
    name = file_name(report, language)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename=\"report.pdf\"; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
