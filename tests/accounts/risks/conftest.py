"""Risks at Acme and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from accounts.models import Account
from accounts.risks.models import Risk, RiskReason
from accounts.risks.service import open_risk
from crm.viewer import Viewer, system_viewer


@pytest.fixture
def make_risk(session: Session, acme: Account) -> Callable[..., Risk]:
    """A risk at Acme, or at ``account``; ``by``: who opens it."""

    def make(*, account: Account = acme, by: Viewer | None = None, **values: Any) -> Risk:
        values.setdefault("reason", RiskReason.QUALITY)
        values.setdefault("words", "Alarms reach nobody.")
        values.setdefault("since_on", date(2026, 11, 2))
        made = open_risk(session, by or system_viewer(), account, **values)
        session.commit()
        return made

    return make
