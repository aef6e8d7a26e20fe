"""More about Acme: colleagues as rows, a contract, a sponsor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session

from accounts import service
from accounts.models import Account, Contact, ContactRoleKind, Contract
from crm.identity.models import User
from crm.viewer import Viewer

AsUser = Callable[[Viewer], User]


@pytest.fixture
def as_user(session: Session) -> AsUser:
    """The row of a person."""
    return lambda viewer: session.get_one(User, viewer.user_id)


@pytest.fixture
def contract(session: Session, ana: Viewer, acme: Account) -> Contract:
    """Acme's: ends on 31 January 2027, three months of notice, so they decide by 2 November 2026."""
    made = service.add_contract(session, ana, acme, starts_on=date(2025, 2, 1), ends_on=date(2027, 1, 31))
    session.commit()
    return made


@pytest.fixture
def iris(session: Session, ana: Viewer, acme: Account) -> Contact:
    """Acme's sponsor."""
    made = service.add_contact(
        session, ana, acme, name="Iris Weber", email="iris@acme.example", roles=[ContactRoleKind.SPONSOR]
    )
    session.commit()
    return made
