"""A champion who leaves is one reminder: the play for it, where one is on, instead of the single task."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from accounts.events import ChampionBack, ChampionLeft, Departed
from accounts.models import Account, Contact
from accounts.people.leaving import forget_task, last_departure
from accounts.plays.many import withdraw_run
from accounts.plays.models import PlayRun, Trigger
from accounts.plays.triggers import LOOKED_AT, look
from crm.viewer import system_viewer


def champion_left(session: Session, fact: ChampionLeft) -> None:
    ids = {one.account_id for one in fact.departures}
    if len(ids) > LOOKED_AT:
        return
    look(session, (Trigger.CHAMPION_LEFT,), ids)
    for departed in fact.departures:
        if not _runs_for(session, departed):
            continue
        account = session.get_one(Account, departed.account_id)
        departure = last_departure(session, account, session.get_one(Contact, departed.contact_id))
        if departure is not None:
            forget_task(session, system_viewer(), account, departure)


def champion_back(session: Session, fact: ChampionBack) -> None:
    """They had not left: what started by itself is taken back, except what somebody has worked on."""
    for departed in fact.departures:
        for run in _runs_for(session, departed):
            withdraw_run(session, system_viewer(), run)


def _runs_for(session: Session, departed: Departed) -> Sequence[PlayRun]:
    return session.exec(
        select(PlayRun)
        .where(
            col(PlayRun.account_id) == departed.account_id,
            col(PlayRun.cause).startswith(f"champion:{departed.contact_id}:"),
            col(PlayRun.ended_on).is_(None),
        )
        .order_by(col(PlayRun.id))
    ).all()
