"""Bringing usage in as a file, or as figures by day."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from sqlmodel import Session

from accounts.importing import service
from accounts.importing.targets import Kind
from accounts.models import Account
from accounts.usage.importing import Figure, write_figures
from accounts.usage.models import day_number, folded_metric
from crm.csv_io import ImportRun
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)

BringUsage = Callable[..., ImportRun]
Use = Callable[..., None]


@pytest.fixture
def bring_usage(session: Session, admin: Viewer) -> BringUsage:
    def bring(content: str, viewer: Viewer = admin, kind: Kind = Kind.USAGE) -> ImportRun:
        run = service.receive(session, viewer, io.BytesIO(content.encode()), f"{kind}.csv", kind)
        service.start(session, viewer, run)
        session.commit()
        return run

    return bring


@pytest.fixture
def use(session: Session) -> Use:
    """``use(account, {days_ago: value})``: figures of one metric."""

    def use(account: Account, days: Mapping[int, float], metric: str = "Active users") -> None:
        today = day_number(TODAY)
        figures = [
            Figure(account.id, folded_metric(metric), metric, today - ago, round(1000 * value))
            for ago, value in days.items()
        ]
        write_figures(session, figures)
        session.flush()

    return use
