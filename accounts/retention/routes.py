"""Gross and net retention, and the accounts and movements behind each figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from accounts.listing.page import SCOPE_TITLES
from accounts.listing.query import Scope, default_scope
from accounts.money import major
from accounts.retention.periods import Period, Step
from accounts.retention.queries import (
    COHORT_STEP,
    Book,
    Retention,
    currencies,
    read_cohorts,
    read_periods,
    read_records,
    read_restated,
    read_span,
)
from crm import clock
from crm.config import get_settings
from crm.csv_io.writing import csv_lines
from crm.i18n.write import Money
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_
from crm.viewer import Capability, Viewer
from crm.web.pages import page, path_for, writer_of
from crm.web.session import DbSession, Now

router = APIRouter()

RECORDS_SIZE = 50
SHOWN = {Step.MONTH: 13, Step.QUARTER: 9}
AGES = (1, 2, 3, 4, 6, 8, 12, 16)  # quarters after the first


class By(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    COHORT = "cohort"


BY_TITLES = {By.MONTH: N_("By month"), By.QUARTER: N_("By quarter"), By.COHORT: N_("By cohort")}


@dataclass(frozen=True)
class Address:
    """What the page's address says; unknown words are ignored."""

    scope: Scope
    by: By
    currency: str
    default_scope: Scope

    def href(self, path: str, **changed: str) -> str:
        found = {
            "scope": "" if self.scope is self.default_scope else self.scope.value,
            "by": "" if self.by is By.MONTH else self.by.value,
            "currency": "" if self.currency == get_settings().currency else self.currency,
            **changed,
        }
        said = {name: value for name, value in found.items() if value}
        return f"{path}?{urlencode(said)}" if said else path


def _address(sent: Mapping[str, str], viewer: Viewer) -> Address:
    scope, by = sent.get("scope", ""), sent.get("by", "")
    default = default_scope(viewer)
    currency = sent.get("currency", "")
    return Address(
        Scope(scope) if scope in list(Scope) else default,
        By(by) if by in list(By) else By.MONTH,
        currency if len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()
        else get_settings().currency,
        default,
    )  # fmt: skip


@router.get("/retention", name="retention.show")
def show_retention(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    refuse_unless(viewer, Capability.READ_MONEY)
    address = _address(request.query_params, viewer)
    today = clock.day_of(now)
    book = Book(viewer, address.scope, address.currency, today)
    restated = read_restated(session, book)
    path = path_for(request, "retention.show")
    values: dict[str, Any] = {}
    if address.by is By.COHORT:
        values["cohorts"] = read_cohorts(session, book, AGES, restated)
        values["ages"] = AGES
    else:
        step = Step(address.by.value)
        last = Period.of(step, today)
        figures = read_periods(session, book, last, SHOWN[step], restated)
        values["figures"] = [(period, figure, period == last) for period, figure in figures.items()]
    return page(
        request,
        "retention/show.html",
        address=address,
        path=path,
        today=today,
        year=read_span(session, book, _a_year_before(today), today + timedelta(days=1), restated),
        year_start=_a_year_before(today),
        today_after=today + timedelta(days=1),
        scopes=[
            (SCOPE_TITLES[one], address.href(path, scope="" if one is address.default_scope else one.value),
             one is address.scope)
            for one in Scope if one is not Scope.TEAM or viewer.team_id is not None
        ],
        bys=[(title, address.href(path, by="" if one is By.MONTH else one.value), one is address.by)
             for one, title in BY_TITLES.items()],
        currencies=[(one, address.href(path, currency="" if one == get_settings().currency else one),
                     one == address.currency) for one in currencies(session, viewer)],
        restated=len(restated),
        money=lambda minor: Money(minor, address.currency),
        records=lambda start, end, cohort=None: _records_href(request, address, start, end, cohort),
        **values,
    )  # fmt: skip


def _a_year_before(day: date) -> date:
    """The day after the same day of the year before: twelve months that end today."""
    first = Period.of(Step.MONTH, day).plus(-12)
    last_of_month = (first.end - timedelta(days=1)).day
    return first.start.replace(day=min(day.day, last_of_month)) + timedelta(days=1)


def _records_href(request: Request, address: Address, start: date, end: date, cohort: Period | None) -> str:
    until = end - timedelta(days=1)
    more = {"cohort": str(cohort.index)} if cohort else {}
    path = path_for(request, "retention.records")
    return address.href(path, **{"from": start.isoformat(), "until": until.isoformat(), **more})


@router.get("/retention/records", name="retention.records")
def show_records(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """The accounts that moved between two days, and how each counts."""
    refuse_unless(viewer, Capability.READ_MONEY)
    sent = request.query_params
    address = _address(sent, viewer)
    today = clock.day_of(now)
    book = Book(viewer, address.scope, address.currency, today)
    start = _day(sent.get("from", "")) or _a_year_before(today)
    until = max(start, _day(sent.get("until", "")) or today)
    cohort = _cohort(sent.get("cohort", ""))
    found = read_records(
        session, book, start, until + timedelta(days=1), RECORDS_SIZE, cohort=cohort, after=sent.get("after", "")[:500]
    )
    path = path_for(request, "retention.records")
    kept = {"from": start.isoformat(), "until": until.isoformat(), "cohort": str(cohort.index) if cohort else ""}
    return page(
        request,
        "retention/records.html",
        address=address,
        start=start,
        until=until,
        cohort=cohort,
        found=found,
        back=address.href(path_for(request, "retention.show")),
        next_href=address.href(path, **kept, after=found.next) if found.next else None,
    )


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _cohort(written: str) -> Period | None:
    if not (written.isascii() and written.isdigit() and len(written) <= 5):
        return None
    found = Period(COHORT_STEP, int(written))
    return found if 1900 <= found.year <= 2200 else None


@router.get("/retention.csv", name="retention.csv")
def export_retention(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """The figures of the page as a file: three years of months, or as many quarters, or every cohort."""
    refuse_unless(viewer, Capability.READ_MONEY)
    refuse_unless(viewer, Capability.EXPORT)
    address = _address(request.query_params, viewer)
    today = clock.day_of(now)
    book = Book(viewer, address.scope, address.currency, today)
    restated = read_restated(session, book)
    rows: list[list[object]] = []
    if address.by is By.COHORT:
        for cohort in read_cohorts(session, book, AGES, restated):
            for age, figure in cohort.after.items():
                rows.append([cohort.quarter.start, age, *_cells(figure, address.currency)])
    else:
        step = Step(address.by.value)
        figures = read_periods(session, book, Period.of(step, today), 3 * step.a_year + 1, restated)
        for period, figure in figures.items():
            rows.append([period.start, "", *_cells(figure, address.currency)])
    translate = writer_of(request).translations.gettext
    titles = (
        *(N_("From"), N_("Quarters after"), N_("Currency"), N_("Customers"), N_("Opening ARR"), N_("Gross"), N_("Net")),
        *(N_("Gross retention"), N_("Net retention"), N_("New"), N_("Lost customers")),
    )
    content = "".join(csv_lines([translate(title) for title in titles], rows))
    name = f"retention-{address.by.value}-{today.isoformat()}.csv"
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cells(figure: Retention, currency: str) -> list[object]:
    def amount(minor: int) -> float | int:
        return major(minor, currency)

    return [
        currency,
        figure.customers,
        amount(figure.opening_minor),
        amount(figure.gross_minor),
        amount(figure.net_minor),
        None if figure.gross is None else round(figure.gross, 6),
        None if figure.net is None else round(figure.net, 6),
        amount(figure.new_minor),
        figure.lost,
    ]
