"""From the document to the PDF, in the language of the person who will read it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from accounts.names import fold
from crm.i18n.write import Writer
from crm.pdf import render_pdf
from crm.templating import render
from crm.text import N_, text
from reports.brief import Brief
from reports.document import AccountReport


def report_html(report: AccountReport, *, language: str, time_zone: str) -> str:
    return render("reports/account.html", Writer(language, ZoneInfo(time_zone), report.now), report=report)


def print_report(report: AccountReport, *, language: str, time_zone: str) -> bytes:
    """The tagged PDF; refused in plain words where it takes too long or a system library is missing."""
    return render_pdf(report_html(report, language=language, time_zone=time_zone))


def brief_html(brief: Brief, *, language: str, time_zone: str) -> str:
    writer = Writer(language, ZoneInfo(time_zone), brief.report.now)
    return render("reports/brief_print.html", writer, brief=brief, report=brief.report)


def print_brief(brief: Brief, *, language: str, time_zone: str) -> bytes:
    return render_pdf(brief_html(brief, language=language, time_zone=time_zone))


def file_name(report: AccountReport, language: str, kind: str = N_("report")) -> str:
    """Halden-Logistics-report-2026-11-23.pdf"""
    writer = Writer(language, ZoneInfo("UTC"), report.now)
    name = "-".join("".join(letter if letter.isalnum() else " " for letter in report.account_name).split())
    word = fold(writer(text(kind)))
    return f"{name or 'account'}-{word}-{report.now.date().isoformat()}.pdf"
