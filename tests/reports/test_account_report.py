"""The report on an account: complete, traceable, in the reader's language, equal to the screen."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta

import pikepdf
import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account
from accounts.service.tasks import create_task
from crm import clock
from crm.pdf import missing_library
from crm.slices import REGISTRY
from crm.viewer import Viewer
from reports.account_report import account_report
from reports.printing import file_name, report_html

TODAY = date(2026, 11, 23)


@pytest.fixture
def now() -> datetime:
    return clock.now()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_page_one_says_health_tickets_and_decision(
    session: Session, ana: Viewer, acme: Account, make_ticket, now
) -> None:
    make_ticket(
        subject="Down", account=acme, priority=1, opened_at=now - timedelta(days=9), due_at=now - timedelta(days=8)
    )
    acme.decides_on = date(2026, 12, 3)
    session.commit()
    report = account_report(session, ana, REGISTRY, acme, now=now, language="en")
    said = words(report_html(report, language="en", time_zone="Europe/Paris"))
    assert len(report.sentences) == 3 == len(report.figures)
    assert "1 ticket was opened in the last 90 days; 1 is open, 1 past target." in said
    assert "The customer decides by 3 December (in 10 days)" in said
    assert said.count("Internal") >= 1


def test_no_next_step_is_said_and_asked_for(session: Session, ana: Viewer, acme: Account, now: datetime) -> None:
    html = report_html(
        account_report(session, ana, REGISTRY, acme, now=now, language="en"), language="en", time_zone="Europe/Paris"
    )
    assert "No next step is agreed" in html
    create_task(session, ana, acme, title="Call <Ingrid>", due_on=TODAY - timedelta(days=2))
    html = report_html(
        account_report(session, ana, REGISTRY, acme, now=now, language="en"), language="en", time_zone="Europe/Paris"
    )
    assert "Call &lt;Ingrid&gt;" in html
    assert "late" in words(html)


def test_money_is_left_out_for_those_who_do_not_read_it(
    session: Session, agent: Viewer, acme: Account, now: datetime
) -> None:
    acme.arr_minor = 18_400_000
    session.commit()
    report = account_report(session, agent, REGISTRY, acme, now=now, language="en")
    assert "184" not in words(report_html(report, language="en", time_zone="Europe/Paris"))


def test_the_french_edition_is_french(session: Session, ana: Viewer, acme: Account, now: datetime) -> None:
    report = account_report(session, ana, REGISTRY, acme, now=now, language="fr")
    said = words(report_html(report, language="fr", time_zone="Europe/Paris"))
    assert "Next steps" not in said
    assert "Rapport sur le compte" in said


def test_its_file_name_is_safe(session: Session, ana: Viewer, acme: Account, now: datetime) -> None:
    acme.name = 'Société "Étoile"/..\\ & Fils'
    report = account_report(session, ana, REGISTRY, acme, now=now, language="en")
    assert file_name(report, "en") == "Société-Étoile-Fils-report-2026-11-23.pdf"


@pytest.mark.skipif(missing_library() is not None, reason="Pango is not installed")
def test_the_pdf_is_tagged_numbered_and_marked_internal(as_ana: TestClient, acme: Account) -> None:
    answer = as_ana.get(f"/accounts/{acme.id}/report?lang=fr")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr"
        assert 1 <= len(pdf.pages) <= 3


def test_who_may_not_report_is_told_whom_to_ask(as_agent: TestClient, acme: Account) -> None:
    assert as_agent.get(f"/accounts/{acme.id}/report").status_code == 403


@pytest.mark.settings(books="own")
def test_what_one_may_not_read_is_not_there(as_zoe: TestClient, acme: Account) -> None:
    assert as_zoe.get(f"/accounts/{acme.id}/report").status_code == 404


def test_an_unknown_language_is_not_guessed(as_ana: TestClient, acme: Account) -> None:
    assert as_ana.get(f"/accounts/{acme.id}/report?lang=xx").status_code in (404, 422)
