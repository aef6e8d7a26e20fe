"""From what a person types on a command line to the one account that is meant."""

from __future__ import annotations

from sqlalchemy import or_
from sqlmodel import Session, col

from accounts.models import Account
from accounts.names import fold
from accounts.queries import visible_accounts
from crm.errors import Conflict, NotFound
from crm.text import N_
from crm.viewer import Viewer


def account_named(session: Session, viewer: Viewer, words: str) -> Account:
    """The account with this id, external id or exact name (case and accents aside); refused when several are meant."""
    meant = [col(Account.external_id) == words, col(Account.name_folded) == fold(words)]
    if words.isdigit() and int(words) < 2**63:
        meant.append(col(Account.id) == int(words))
    found = session.exec(visible_accounts(viewer).where(or_(*meant)).limit(2)).all()
    if not found:
        raise NotFound(N_("There is no account “%(words)s”."), words=words)
    if len(found) > 1:
        raise Conflict(N_("Several accounts are called “%(words)s”; give the id."), words=words)
    return found[0]
