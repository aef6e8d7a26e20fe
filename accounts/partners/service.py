"""Saying that a domain is a partner's, and that it no longer is."""

from __future__ import annotations

from sqlmodel import Session, col, select

from accounts.importing.unreadable import Unreadable
from accounts.importing.values import read_domain
from accounts.partners.models import PartnerDomain
from crm.audit import record
from crm.errors import Conflict, Forbidden, Invalid
from crm.text import N_
from crm.viewer import Capability, Viewer


def add_partner_domain(session: Session, actor: Viewer, written: str, *, note: str = "") -> PartnerDomain:
    """From now on no ticket or contact is matched to an account by ``written`` alone. What was matched stays."""
    _ensure_may(actor)
    try:
        domain = read_domain(written)
    except Unreadable as unreadable:
        raise Invalid(
            N_("“%(text)s” is not a domain; write it like agency.example."), text=written[:60]
        ) from unreadable
    if session.exec(select(PartnerDomain).where(col(PartnerDomain.domain) == domain)).first() is not None:
        raise Conflict(N_("%(domain)s is a partner's domain already."), domain=domain)

    added = PartnerDomain(
        domain=domain, note=" ".join(note.split()), added_by=None if actor.is_system else actor.user_id
    )
    session.add(added)
    record(session, actor, None, "partner_domain.added", domain=domain, note=added.note)
    return added


def remove_partner_domain(session: Session, actor: Viewer, domain: PartnerDomain) -> None:
    _ensure_may(actor)
    record(session, actor, None, "partner_domain.removed", domain=domain.domain, note=domain.note)
    session.delete(domain)


def _ensure_may(actor: Viewer) -> None:
    if not actor.may(Capability.MANAGE_MATCHING):
        raise Forbidden(N_("Managers and administrators say which domains are partners'; ask one of them."))
