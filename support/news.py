"""Telling the company's chat of urgent tickets that pass their target, each once."""

from __future__ import annotations

from datetime import datetime, timedelta
from textwrap import shorten

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account
from crm import webhooks
from crm.contracts import Job
from crm.text import N_, text
from crm.webhooks.models import Kind
from crm.webhooks.outbox import News
from support.asof import tickets_now
from support.models.ticket import URGENT

FRESH = timedelta(days=1)  # what passed its target longer ago is no news
MOST = 500


def tell_urgent_late(session: Session, now: datetime) -> str:
    at = tickets_now(session, now)
    due_at = at.dated.c.due_at
    rows = session.execute(
        select(at.ticket.c.id, at.ticket.c.subject, col(Account.id).label("account_id"), col(Account.name), due_at)
        .select_from(at.source.join(Account, col(Account.id) == at.dated.c.account_id))
        .where(at.there, at.is_late, at.dated.c.priority == URGENT, due_at > now - FRESH)
        .order_by(due_at, at.ticket.c.id)
        .limit(MOST)
    )
    news = {
        f"urgent_late:{row.id}:{row.due_at:%Y%m%d%H%M%S}": News(
            Kind.URGENT_LATE,
            text(
                N_("%(account)s: an urgent ticket has passed its target (%(ticket)s)"),
                account=row.name,
                ticket=shorten(row.subject or str(row.id), 80, placeholder="…"),
            ),
            f"/tickets/{row.id}",
            {"account_id": str(row.account_id), "account": row.name, "ticket_id": str(row.id)},
        )
        for row in rows
    }
    return f"{webhooks.tell_once(session, news)} messages queued"


TELL_URGENT_LATE = Job(
    name="support.tell_urgent_late", cron="*/5 * * * *", period="%Y-%m-%dT%H:%M", run=tell_urgent_late
)
