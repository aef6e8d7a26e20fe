"""What they answered to "would you recommend us?": on the account page, its timeline and a page of all answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from accounts.deps import AccountInScope
from accounts.listing.query import Cursor, read_cursor, write_cursor
from accounts.models import Contact
from accounts.nps.health import by_account, latest_answers, window
from accounts.nps.models import HIGHEST_DETRACTOR, LOWEST_PROMOTER, NpsAnswer
from accounts.panels.context import book_day
from crm import clock
from crm.contracts import (
    AccountColumn,
    AnySelect,
    ColumnContext,
    FeatureShape,
    Panel,
    PanelContext,
    TimelineEntry,
    TimelineSource,
)
from crm.text import N_, text
from crm.web.pages import page
from crm.web.session import DbSession, Now

SHOWN = 3
A_PAGE = 50
_NOW = FeatureShape(live=True, known=False, some=False)
_ONE = FeatureShape(live=True, known=False, some=True)


@dataclass(frozen=True)
class AnswerLine:
    answer: NpsAnswer
    name: str | None


def answers_of(
    session: Session, account_id: int, today: date, limit: int, before: Cursor | None = None
) -> list[AnswerLine]:
    """The newest first; one statement."""
    one = NpsAnswer
    statement = (
        select(NpsAnswer, col(Contact.name))
        .outerjoin(Contact, col(Contact.id) == col(one.contact_id))
        .where(col(one.account_id) == account_id, col(one.closed_at).is_(None), col(one.answered_on) <= today)
        .order_by(col(one.answered_on).desc(), col(one.id).desc())
        .limit(limit)
    )
    if before is not None and isinstance(before.value, date):
        statement = statement.where(
            or_(
                col(one.answered_on) < before.value,
                and_(col(one.answered_on) == before.value, col(one.id) < before.id),
            )
        )
    return [AnswerLine(answer, name) for answer, name in session.execute(statement)]


@dataclass(frozen=True)
class NpsSums:
    """Of the last answer of each person within a year. ``score``: promoters less detractors, −100 to 100."""

    people: int
    mean: float
    score: int


def sums_of(session: Session, account_id: int, today: date) -> NpsSums | None:
    answers = latest_answers(_ONE)
    found = session.execute(
        select(
            func.count().label("people"),
            func.sum(answers.c.score).label("total"),
            func.count().filter(answers.c.score >= LOWEST_PROMOTER).label("for_us"),
            func.count().filter(answers.c.score <= HIGHEST_DETRACTOR).label("against"),
        ).where(answers.c.place == 1),
        {**window(today), "account_ids": [account_id]},
    ).one()
    if not found.people:
        return None
    return NpsSums(
        found.people, int(found.total) / found.people, round(100 * (found.for_us - found.against) / found.people)
    )


def load(context: PanelContext) -> dict[str, object] | None:
    today = book_day(context)
    lines = answers_of(context.session, context.account_id, today, SHOWN + 1)
    if not lines:
        return None
    return {
        "lines": lines[:SHOWN],
        "more": len(lines) > SHOWN,
        "sums": sums_of(context.session, context.account_id, today),
    }


NPS = Panel(
    key="nps",
    title=N_("NPS"),
    template="accounts/nps/panel.html",
    load=load,
    order=23,
    place="side",
    summary="accounts/nps/_summary.html",
    refresh_on="contacts-changed",
)


# --- timeline


def _noon(day: date) -> datetime:
    """Where the day of an answer stands among what has a time."""
    return clock.start_of(day) + timedelta(hours=12)


def entries(context: PanelContext, before: tuple[datetime, int] | None, limit: int) -> Sequence[TimelineEntry]:
    cursor = None
    if before is not None:
        day = clock.day_of(before[0])
        noon = _noon(day)
        if noon < before[0]:
            cursor = Cursor(day, 2**63 - 1)
        elif noon == before[0]:
            cursor = Cursor(day, before[1])
        else:
            cursor = Cursor(day, 0)
    today = clock.day_of(context.now)
    return [_entry(line, context) for line in answers_of(context.session, context.account_id, today, limit, cursor)]


def _entry(line: AnswerLine, context: PanelContext) -> TimelineEntry:
    answer = line.answer
    who = line.name or answer.email
    title = text(N_("%(score)s of 10 from %(who)s"), score=answer.score, who=who)
    return TimelineEntry(
        kind="chat",
        id=answer.id,
        at=_noon(answer.answered_on),
        title=title if who else text(N_("%(score)s of 10, nobody named"), score=answer.score),
        body=answer.comment,
        meta=text(N_("survey")),
        band=answer.band,
        href=f"/accounts/{answer.account_id}/nps",
    )


TIMELINE = TimelineSource(key="nps", title=N_("Survey answers"), entries=entries, order=30)


# --- list


def _source(context: ColumnContext) -> AnySelect:
    found = by_account(latest_answers(_NOW)).params(window(context.today)).subquery("nps_sums")
    return select(
        found.c.account_id.label("account_id"),
        found.c.nps_people,
        (found.c.nps_sum * 10 // found.c.nps_people).label("tenths"),
    )


ACCOUNT_COLUMNS = (
    AccountColumn(
        key="nps",
        title=N_("NPS answers"),
        source=_source,
        value=("nps_people", "tenths"),
        cell="accounts/nps/cell.html",
        csv=lambda row: None if row is None or row.tenths is None else int(row.tenths) / 10,
        order=65,
        sort="tenths",
        numeric=True,
        optional=True,
    ),
)


# --- page

router = APIRouter()


@router.get("/accounts/{account_id:int}/nps", name="accounts.nps.show")
def show_nps(request: Request, account: AccountInScope, session: DbSession, now: Now, before: str = "") -> Response:
    today = clock.day_of(now)
    cursor: Any = read_cursor(before, date) if before else None
    lines = answers_of(session, account.id, today, A_PAGE + 1, cursor)
    last = lines[A_PAGE - 1].answer if len(lines) > A_PAGE else None
    return page(
        request,
        "accounts/nps/show.html",
        account=account,
        sums=sums_of(session, account.id, today),
        lines=lines[:A_PAGE],
        next_before=write_cursor(Cursor(last.answered_on, last.id)) if last else "",
        is_later=cursor is not None,
    )


__all__ = ["ACCOUNT_COLUMNS", "NPS", "TIMELINE", "router"]
