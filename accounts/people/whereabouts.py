"""Where people are whom a source names: an address or an id says more than the domain it belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from accounts.models import Account, Contact, ContactAccount

Whereabouts = Mapping[str, set[int]]


def whereabouts(
    session: Session, external_ids: Collection[str], emails: Collection[str]
) -> tuple[Whereabouts, Whereabouts]:
    """By external id and by e-mail (in small letters): the accounts at which somebody is. Two statements.

    Whoever was merged away is the person they were merged into.
    """
    mail = func.lower(col(Contact.email))
    found: list[Whereabouts] = []
    for key, wanted in ((col(Contact.external_id), external_ids), (mail, emails)):
        at: dict[str, set[int]] = defaultdict(set)
        if wanted:
            who = func.coalesce(col(Contact.merged_into_id), col(Contact.id))
            rows = session.execute(
                select(key, col(ContactAccount.account_id))
                .select_from(Contact)
                .join(ContactAccount, col(ContactAccount.contact_id) == who)
                .join(Account, col(Account.id) == col(ContactAccount.account_id))
                .where(
                    key.in_(sorted(wanted)),
                    or_(col(Contact.closed_at).is_(None), col(Contact.merged_into_id).is_not(None)),
                    col(ContactAccount.to_on).is_(None),
                    col(Account.closed_at).is_(None),
                )
            )
            for value, account_id in rows:
                if value is not None:
                    at[value].add(account_id)
        found.append(at)
    return found[0], found[1]
