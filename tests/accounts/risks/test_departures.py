"""A champion who leaves is a risk by itself."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from accounts import service
from accounts.models import Account, Contact, ContactRoleKind
from accounts.people.leaving import leave, take_back_departure
from accounts.risks.models import Risk, RiskReason, RiskStatus
from accounts.risks.service import open_risk
from crm.viewer import Viewer


@pytest.fixture
def tom(session: Session, ana: Viewer, acme: Account) -> Contact:
    made = service.add_contact(
        session, ana, acme, name="Tom Blau", roles=[ContactRoleKind.CHAMPION], from_on=date(2026, 3, 2)
    )
    session.commit()
    return made


def test_it_is_opened_for_the_owner_and_taken_back_with_the_departure(
    session: Session, ana: Viewer, acme: Account, tom: Contact
) -> None:
    leave(session, ana, acme, tom, on=date(2026, 11, 20))
    session.flush()
    risk = session.exec(select(Risk)).one()
    assert (risk.reason, risk.words, risk.since_on, risk.owner_id, risk.status) == (
        RiskReason.CHAMPION,
        "Tom Blau",
        date(2026, 11, 20),
        ana.user_id,
        RiskStatus.OPEN,
    )
    take_back_departure(session, ana, acme, tom)
    assert (risk.status, risk.outcome) == (RiskStatus.MISTAKEN, "Tom Blau has not left.")


def test_one_that_somebody_opened_before_is_enough_and_stays_theirs(
    session: Session, ana: Viewer, acme: Account, tom: Contact
) -> None:
    known = open_risk(session, ana, acme, reason=RiskReason.CHAMPION, words="Tom looks around")
    leave(session, ana, acme, tom, on=date(2026, 11, 20))
    session.flush()
    assert session.exec(select(Risk)).all() == [known]
    take_back_departure(session, ana, acme, tom)
    assert known.status is RiskStatus.OPEN
