"""A champion leaves: one reminder, whichever it is, and none once they are back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from accounts import service as accounts
from accounts.models import Account, Contact, ContactRoleKind, Task
from accounts.people.leaving import last_departure, leave, take_back_departure
from accounts.plays import service
from accounts.plays.models import Play, PlayRun, Trigger
from accounts.plays.service import PlayPlan, StepPlan
from crm.viewer import Viewer, system_viewer

TODAY = date(2026, 11, 23)


@pytest.fixture
def champion(session: Session, ana: Viewer, acme: Account) -> Contact:
    ingrid = accounts.add_contact(session, ana, acme, name="Ingrid Moe")
    accounts.give_role(session, ana, acme, ingrid, ContactRoleKind.CHAMPION, from_on=date(2025, 1, 1))
    session.commit()
    return ingrid


@pytest.fixture
def play(session: Session) -> Play:
    plan = PlayPlan(
        "Champion left", Trigger.CHAMPION_LEFT, [StepPlan("Call the sponsor"), StepPlan("Name one", days=5)]
    )
    made = service.create_play(session, system_viewer(), plan)
    service.switch_on(session, system_viewer(), made, since=TODAY - timedelta(days=30))
    session.commit()
    return made


def titles(session: Session) -> list[str]:
    return list(session.exec(select(Task.title).order_by(col(Task.due_on), col(Task.id))))


def test_without_a_play_there_is_the_single_task(
    session: Session, ana: Viewer, acme: Account, champion: Contact
) -> None:
    leave(session, ana, acme, champion, on=TODAY)
    assert titles(session) == ["Find a new champion: Ingrid Moe has left"]


def test_a_play_that_is_on_takes_its_place(
    session: Session, ana: Viewer, acme: Account, champion: Contact, play: Play
) -> None:
    leave(session, ana, acme, champion, on=TODAY)
    session.commit()
    assert titles(session) == ["Call the sponsor", "Name one"]
    departure = last_departure(session, acme, champion)
    assert departure is not None
    assert departure.task_id is None


def test_a_play_that_is_off_leaves_the_task(
    session: Session, ana: Viewer, mia: Viewer, acme: Account, champion: Contact, play: Play
) -> None:
    service.switch_off(session, mia, play)
    leave(session, ana, acme, champion, on=TODAY)
    assert titles(session) == ["Find a new champion: Ingrid Moe has left"]


def test_who_had_not_left_leaves_nothing_to_do(
    session: Session, ana: Viewer, acme: Account, champion: Contact, play: Play
) -> None:
    leave(session, ana, acme, champion, on=TODAY)
    session.commit()
    take_back_departure(session, ana, acme, champion)
    session.commit()
    assert titles(session) == []
    assert session.exec(select(PlayRun)).all() == []
    leave(session, ana, acme, champion, on=TODAY)
    assert titles(session) == ["Call the sponsor", "Name one"]


def test_what_somebody_did_for_it_stays(
    session: Session, ana: Viewer, acme: Account, champion: Contact, play: Play
) -> None:
    leave(session, ana, acme, champion, on=TODAY)
    called = session.exec(select(Task).where(Task.title == "Call the sponsor")).one()
    accounts.complete_task(session, ana, acme, called, outcome="Arne takes over")
    session.commit()
    take_back_departure(session, ana, acme, champion)
    session.commit()
    assert titles(session) == ["Call the sponsor"]
