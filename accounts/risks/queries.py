"""Reads of one risk, of an account's risks, and of what happened to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from accounts.models import Account
from accounts.queries import in_sight, visible_accounts
from accounts.risks.models import ACTIVE, Risk, RiskEvent
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer

HISTORY_SHOWN = 100


@dataclass(frozen=True)
class ShownRisk:
    risk: Risk
    owner: str | None
    help_from: str | None


@dataclass(frozen=True)
class ShownEvent:
    event: RiskEvent
    by: str | None


def get_risk(session: Session, viewer: Viewer, risk_id: int) -> tuple[Account, Risk]:
    """With its account; a risk of an account one may not read is not there."""
    found = session.execute(
        visible_accounts(viewer)
        .join(Risk, col(Risk.account_id) == col(Account.id))
        .add_columns(Risk)
        .where(col(Risk.id) == risk_id)
    ).first()
    if found is None:
        raise NotFound(N_("There is no such risk."))
    account, risk = found
    return account, risk


def risks_of(session: Session, account_id: int, limit: int) -> Sequence[ShownRisk]:
    """Those that stand first, the dearest on top; then closed ones, newest first."""
    owner, helper = aliased(User), aliased(User)
    active = case((col(Risk.status).in_(ACTIVE), 0), else_=1)
    rows = session.execute(
        core_select(Risk, col(owner.name), col(helper.name))
        .outerjoin(owner, col(owner.id) == col(Risk.owner_id))
        .outerjoin(helper, col(helper.id) == col(Risk.help_from_id))
        .where(col(Risk.account_id) == account_id)
        .order_by(active, col(Risk.closed_on).desc(), col(Risk.arr_minor).desc().nulls_last(), col(Risk.id).desc())
        .limit(limit)
    )
    return [ShownRisk(*row) for row in rows]


def names_of(session: Session, risk: Risk) -> ShownRisk:
    people = {one for one in (risk.owner_id, risk.help_from_id) if one is not None}
    names = dict(session.exec(select(col(User.id), col(User.name)).where(col(User.id).in_(people))).all())
    return ShownRisk(risk, names.get(risk.owner_id or 0), names.get(risk.help_from_id or 0))


def events_of(session: Session, risk_id: int) -> Sequence[ShownEvent]:
    """Newest first."""
    rows = session.execute(
        core_select(RiskEvent, col(User.name))
        .outerjoin(User, col(User.id) == col(RiskEvent.by_id))
        .where(col(RiskEvent.risk_id) == risk_id)
        .order_by(col(RiskEvent.happened_at).desc(), col(RiskEvent.id).desc())
        .limit(HISTORY_SHOWN)
    )
    return [ShownEvent(*row) for row in rows]


def events_since(
    session: Session, viewer: Viewer, risk_ids: Sequence[int], since: datetime
) -> dict[int, list[ShownEvent]]:
    """Of these risks, oldest first."""
    rows = session.execute(
        core_select(RiskEvent, col(User.name))
        .outerjoin(User, col(User.id) == col(RiskEvent.by_id))
        .where(
            col(RiskEvent.risk_id).in_(risk_ids),
            col(RiskEvent.happened_at) > since,
            in_sight(col(RiskEvent.account_id), viewer),
        )
        .order_by(col(RiskEvent.happened_at), col(RiskEvent.id))
    )
    found: dict[int, list[ShownEvent]] = {}
    for event, by in rows:
        found.setdefault(event.risk_id, []).append(ShownEvent(event, by))
    return found


def people_named(session: Session, ids: set[int]) -> dict[int, str]:
    rows: Any = session.exec(select(col(User.id), col(User.name)).where(col(User.id).in_(ids)))
    return dict(rows.all())
