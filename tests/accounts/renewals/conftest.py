"""Acme's contract, and a way to say what is expected of it at an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import Session

from accounts import service
from accounts.models import Account, Contract
from crm.viewer import Viewer

Clock = Callable[[datetime], None]
AddContract = Callable[..., Contract]


@pytest.fixture
def add_contract(session: Session, mia: Viewer) -> AddContract:
    """A contract of 90 days' notice; the customer decides on ``decides_on``."""

    def add(account: Account, decides_on: date, **values: Any) -> Contract:
        notice = values.pop("notice_days", 90)
        ends_on = date.fromordinal(decides_on.toordinal() + notice)
        made = service.add_contract(
            session,
            mia,
            account,
            starts_on=values.pop("starts_on", date(2025, 1, 6)),
            ends_on=ends_on,
            notice_days=notice,
            **values,
        )
        session.commit()
        return made

    return add


@pytest.fixture
def contract(acme: Account, add_contract: AddContract) -> Contract:
    """Acme's €184,000: they decide by 3 December 2026."""
    return add_contract(acme, date(2026, 12, 3))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """From here on it is that instant."""

    def set_(instant: datetime) -> None:
        for module in ("accounts.renewals.keeping.clock.now", "accounts.renewals.changes.clock.now"):
            monkeypatch.setattr(module, lambda: instant)

    return set_
