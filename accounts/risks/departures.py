"""A champion who leaves is a risk until there is another; one who had not left was none."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from accounts.events import ChampionBack, ChampionLeft, Departed
from accounts.models import Account, Contact
from accounts.risks.models import ACTIVE, Risk, RiskReason, RiskStatus
from accounts.risks.service import close_risk, open_risk
from crm.clock import now
from crm.config import get_settings
from crm.i18n.write import Writer
from crm.text import N_, text
from crm.viewer import system_viewer


def open_risks(session: Session, fact: ChampionLeft) -> None:
    """One a departure, with the champion's name as its words, unless somebody has opened one for it."""
    for departed in fact.departures:
        account, contact = _of(session, departed)
        if _risk_of(session, account) is None:
            open_risk(
                session,
                system_viewer(),
                account,
                reason=RiskReason.CHAMPION,
                words=contact.name,
                since_on=departed.on,
            )


def close_risks(session: Session, fact: ChampionBack) -> None:
    """What a departure opened was none; what people have opened themselves is theirs to close."""
    for departed in fact.departures:
        account, contact = _of(session, departed)
        risk = _risk_of(session, account)
        if risk is not None and risk.created_by is None and risk.words == contact.name:
            settings = get_settings()
            writer = Writer(settings.language, ZoneInfo(settings.time_zone), now())
            still_there = writer(text(N_("%(contact)s has not left."), contact=contact.name))
            close_risk(session, system_viewer(), account, risk, status=RiskStatus.MISTAKEN, outcome=still_there)


def _of(session: Session, departed: Departed) -> tuple[Account, Contact]:
    return session.get_one(Account, departed.account_id), session.get_one(Contact, departed.contact_id)


def _risk_of(session: Session, account: Account) -> Risk | None:
    return session.exec(
        select(Risk)
        .where(
            col(Risk.account_id) == account.id,
            col(Risk.reason) == RiskReason.CHAMPION,
            col(Risk.status).in_(ACTIVE),
        )
        .order_by(col(Risk.id).desc())
        .limit(1)
    ).first()
