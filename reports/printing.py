"""From the document to the PDF, in the language of the person who will read it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from accounts.names import fold
from crm.i18n.write import Writer
from crm.pdf import render_pdf
from crm.templating import render
from crm.text import N_, text
from reports.document import AccountReport


def report_html(report: AccountReport, *, language: str, time_zone: str) -> str:
    return render("reports/account.html", Writer(language, ZoneInfo(time_zone), report.now), report=report)


def print_report(report: AccountReport, *, language: str, time_zone: str) -> bytes:
    """The tagged PDF; refused in plain words where it takes too long or a system library is missing."""
    return render_pdf(report_html(report, language=language, time_zone=time_zone))


def file_name(report: AccountReport, language: str) -> str:
    """Halden-Logistics-report-2026-11-23.pdf"""
    writer = Writer(language, ZoneInfo("UTC"), report.now)
    name = "-".join("".join(letter if letter.isalnum() else " " for letter in report.account_name).split())
    word = fold(writer(text(N_("report"))))
    return f"{name or 'account'}-{word}-{report.now.date().isoformat()}.pdf"
