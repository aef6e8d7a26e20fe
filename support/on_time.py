"""The board "on time": what is late or about to be, by whose it is; and written channels beside the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import Session

from crm.db import epoch_seconds
from crm.i18n.write import Duration
from crm.text import N_, Text, text
from crm.viewer import Viewer
from support.asof import TicketsAt
from support.channels import WRITTEN, TicketChannel, channel_in_sql
from support.list_query import WRITTEN_CHANNELS, TicketQuery
from support.listing import conditions, rows_of
from support.models.ticket import URGENT

PARITY_DAYS = 90
MOST_GROUPS = 40


class Standing(NamedTuple):
    """Open tickets of one person, team or channel. ``soon``: whose next target falls within the hours looked at."""

    key: str
    open: int
    late: int
    urgent_late: int
    soon: int


@dataclass(frozen=True)
class Board:
    whole: Standing
    by_assignee: Sequence[Standing]
    by_group: Sequence[Standing]
    by_channel: Sequence[Standing]


def read_board(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery, hours: int) -> Board:
    """Three statements. Who has most that is late stands first; beyond the first forty nobody is shown."""
    groups = (at.ticket.c.assignee, at.ticket.c.team, channel_in_sql(at.ticket.c.channel))
    by = [_standings(session, viewer, at, query, hours, group) for group in groups]
    channels = by[2]  # of which there are few, so that they hold every ticket
    whole = Standing(
        "",
        sum(one.open for one in channels),
        sum(one.late for one in channels),
        sum(one.urgent_late for one in channels),
        sum(one.soon for one in channels),
    )
    return Board(whole, by[0][:MOST_GROUPS], by[1][:MOST_GROUPS], channels)


def _standings(
    session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery, hours: int, group: ColumnElement[Any]
) -> list[Standing]:
    soon = and_(at.dated.c.due_at >= at.now, at.dated.c.due_at <= at.now + timedelta(hours=hours))
    rows = (
        _of_list(viewer, at, replace(query, state="open"))
        .with_only_columns(
            group.label("key"),
            _one(at.is_late).label("late"),
            _one(and_(at.is_late, at.dated.c.priority == URGENT)).label("urgent"),
            _one(soon).label("soon"),
            maintain_column_froms=True,
        )
        .subquery()
    )
    late, near = func.sum(rows.c.late), func.sum(rows.c.soon)
    found = session.execute(
        select(rows.c.key, func.count(), late, func.sum(rows.c.urgent), near)
        .group_by(rows.c.key)
        .order_by(late.desc(), near.desc(), func.count().desc(), rows.c.key)
        .limit(MOST_GROUPS + 1)
    )
    return [Standing(key, int(count), int(some), int(urgent), int(near_)) for key, count, some, urgent, near_ in found]


class Parity(NamedTuple):
    """Tickets of the last 90 days that came by one channel, or by all that are written. Times by the wall clock."""

    key: str
    opened: int
    answered: int
    in_time: int
    late: int
    rated: int
    satisfaction: float | None  # 0–100, the mean
    median_s: float | None  # from the opening to the first answer

    @property
    def share_in_time(self) -> float | None:
        return self.in_time / (self.in_time + self.late) if self.in_time + self.late else None


def read_parity(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery) -> list[Parity]:
    """Four statements: written channels together, then every channel by itself; those without a ticket are left out."""
    channel = channel_in_sql(at.ticket.c.channel)
    written = case((channel.in_([one.value for one in WRITTEN]), WRITTEN_CHANNELS), else_="")
    together = [one for one in _parity(session, viewer, at, query, written) if one.key == WRITTEN_CHANNELS]
    order = {one.value: place for place, one in enumerate((TicketChannel.PHONE, *WRITTEN, *TicketChannel))}
    single = _parity(session, viewer, at, query, channel)
    return together + sorted(single, key=lambda one: -order[one.key], reverse=True)


def _parity(
    session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery, key: ColumnElement[Any]
) -> list[Parity]:
    dated = at.dated.c
    of_late = replace(query, state="any", opened_days=PARITY_DAYS)
    seconds = epoch_seconds(dated.first_answered_at) - epoch_seconds(dated.opened_at)
    rows = (
        _of_list(viewer, at, of_late)
        .with_only_columns(
            key.label("key"),
            at.ticket.c.id.label("id"),
            case((dated.first_answered_at.is_not(None), seconds)).label("seconds"),
            _one(dated.first_answer_met.is_(True)).label("in_time"),
            _one(dated.first_answer_met.is_(False)).label("late"),
            dated.csat.label("csat"),
            maintain_column_froms=True,
        )
        .subquery()
    )
    answered = (
        select(
            rows.c.key,
            rows.c.seconds,
            func.row_number().over(partition_by=rows.c.key, order_by=(rows.c.seconds, rows.c.id)).label("place"),
            func.count().over(partition_by=rows.c.key).label("many"),
        )
        .where(rows.c.seconds.is_not(None))
        .subquery()
    )
    middle = and_(answered.c.place * 2 >= answered.c.many, answered.c.place * 2 <= answered.c.many + 2)
    medians = {
        found: float(median)
        for found, median in session.execute(
            select(answered.c.key, func.avg(answered.c.seconds)).where(middle).group_by(answered.c.key)
        )
    }
    counts = session.execute(
        select(
            rows.c.key,
            func.count(),
            func.count(rows.c.seconds),
            func.sum(rows.c.in_time),
            func.sum(rows.c.late),
            func.count(rows.c.csat),
            func.avg(rows.c.csat),
        ).group_by(rows.c.key)
    )
    return [
        Parity(
            found,
            int(opened),
            int(some),
            int(in_time),
            int(late),
            int(rated),
            None if csat is None else float(csat),
            medians.get(found),
        )
        for found, opened, some, in_time, late, rated, csat in counts
    ]


def _of_list(viewer: Viewer, at: TicketsAt, query: TicketQuery) -> Any:
    return rows_of(at, at.ticket.c.opened_at).where(*conditions(viewer, at, query))


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def parity_words(parity: Sequence[Parity]) -> Text | None:
    """What to see in the table, where both sides have answers to compare."""
    by_key = {one.key: one for one in parity}
    written, phone = by_key.get(WRITTEN_CHANNELS), by_key.get(TicketChannel.PHONE.value)
    if written is None or phone is None or written.median_s is None or phone.median_s is None:
        return None
    times = {"written": Duration(written.median_s), "phone": Duration(phone.median_s)}
    if written.satisfaction is None or phone.satisfaction is None:
        return text(
            N_(
                "Half of the written tickets have a first answer within %(written)s,"
                " half of the calls within %(phone)s."
            ),
            **times,
        )
    return text(
        N_(
            "Half of the written tickets have a first answer within %(written)s, half of the calls within %(phone)s;"
            " satisfaction is %(rated)s and %(rated_phone)s of 100."
        ),
        rated=round(written.satisfaction),
        rated_phone=round(phone.satisfaction),
        **times,
    )
