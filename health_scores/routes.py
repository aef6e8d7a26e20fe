"""The ledger of an account with its history, the records behind a measure, and the published model."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from accounts.deps import AccountInScope
from accounts.models import Account
from crm import clock
from crm.errors import Invalid, NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_
from crm.web.pages import page
from crm.web.session import DbSession, Now
from health_scores import asof
from health_scores.board import board
from health_scores.published import published
from health_scores.queries import (
    Standing,
    history_of,
    records_behind,
    snapshot_of,
    standing_as_of,
    standing_of,
)
from health_scores.view import shown_dimensions, shown_lines, shown_unknown

router = APIRouter(include_in_schema=False)


def day_asked(now: Now, as_of: str = "") -> date | None:
    """``?as_of=2026-11-01``; today and nothing are the same."""
    if not as_of:
        return None
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise Invalid(N_("“%(text)s” is not a date; write it like 2026-11-23."), text=as_of[:40]) from None
    today = clock.day_of(now)
    if day > today:
        raise Invalid(N_("%(day)s has not come yet."), day=day)
    return None if day == today else day


DayAsked = Annotated[date | None, Depends(day_asked)]


@router.get("/accounts/{account_id:int}/health", name="health.show")
def show_health(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now, day: DayAsked
) -> Response:
    standing = _standing(session, account, day)
    return page(
        request,
        "health_scores/show.html",
        "health_scores/_drawer.html",
        account=account,
        standing=standing,
        day=day,
        today=clock.day_of(now),
        moments=history_of(session, account.id, day or clock.day_of(now)),
        stored=snapshot_of(session, account.id, day) if day else None,
        lines=shown_lines(standing, board()),
        unharmed=[board().measures[one.key] for one in standing.unharmed],
        unknown=shown_unknown(standing, board()),
    )


@router.get("/accounts/{account_id:int}/health/{key}", name="health.records")
def show_records(
    request: Request,
    account: AccountInScope,
    key: str,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    day: DayAsked,
) -> Response:
    """The tickets, talks or people behind one measure."""
    measure = board().measures.get(key)
    if measure is None:
        raise NotFound(N_("There is no such measure."))
    standing = _standing(session, account, day)
    as_of = asof.end_of_day(day) if day else _now(session, now)
    line = next((one for one in shown_lines(standing, board()) if one.measure == key), None)
    return page(
        request,
        "health_scores/records.html",
        "health_scores/_records_drawer.html",
        account=account,
        standing=standing,
        measure=measure,
        line=line,
        known=key in standing.known or line is not None,
        mend_href=measure.mend.href(account.id) if measure.mend else None,
        records=records_behind(session, viewer, board(), measure, account.id, as_of.features([account.id])),
        day=day,
    )


@router.get("/settings/health", name="health.model.show")
def show_model(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """The published model: every measure with its definition, curve and points, and where the bands lie."""
    model = published(session)
    return page(
        request,
        "health_scores/model.html",
        model=model,
        dimensions=shown_dimensions(model.measures, board()),
        caps=[(cap, board().measures[cap.measure]) for cap in model.caps if cap.measure in board().measures],
    )


def _standing(session: Session, account: Account, day: date | None) -> Standing:
    found = standing_of(session, account.id) if day is None else standing_as_of(session, board(), account.id, day)
    if found is None:
        raise NotFound(N_("%(name)s has not been scored yet."), name=account.name)
    return found


def _now(session: Session, now: datetime) -> asof.AsOf:
    return asof.at(session, now, live=True)
