"""Which domains are partners', and which names are near to them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlmodel import Session, col

from accounts.models import Account
from accounts.partners.models import PartnerDomain
from accounts.queries import is_visible
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer


def partner_domains(session: Session) -> frozenset[str]:
    """A few; whoever matches by domain asks for all of them once."""
    return frozenset(session.scalars(select(col(PartnerDomain.domain))))


def list_domains(session: Session, viewer: Viewer) -> Sequence[Row[PartnerDomain, str | None, str | None]]:
    """With who said so, and the account that has it as its own web domain, if the viewer reads it."""
    own = (
        select(col(Account.name))
        .where(col(Account.domain) == col(PartnerDomain.domain), is_visible(viewer))
        .order_by(col(Account.name_folded), col(Account.id))
        .limit(1)
        .correlate(PartnerDomain)
        .scalar_subquery()
    )
    return session.execute(
        select(PartnerDomain, col(User.name), own)
        .outerjoin(User, col(User.id) == col(PartnerDomain.added_by))
        .order_by(col(PartnerDomain.domain))
    ).all()


def get_domain(session: Session, domain_id: int) -> PartnerDomain:
    found = session.get(PartnerDomain, domain_id)
    if found is None:
        raise NotFound(N_("There is no such domain."))
    return found
