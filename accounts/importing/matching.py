"""Which account a row means. Pure over what was loaded."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.importing.known import Accounts, KnownAccount
from accounts.importing.rows import Row
from accounts.names import fold
from crm.text import N_, Text, text


class TwoMeant(Exception):
    """The row cannot be matched to one account."""

    def __init__(self, key: str | None, reason: Text) -> None:
        self.key, self.reason = key, reason
        super().__init__(str(reason))


def match(row: Row, accounts: Accounts) -> KnownAccount | None:
    """The account that the row means: by its identifier, else its domain, else its exact folded name.

    Keys that point at two different accounts are never settled silently.
    """
    external_id, domain, name = (row.values.get(key) for key in ("external_id", "domain", "name"))
    by_id = accounts.by_external.get(external_id) if external_id else None
    if by_id is not None and by_id.closed:
        raise TwoMeant(
            "external_id",
            text(
                N_("“%(id)s” belonged to an account that was merged or deleted; give it another one."), id=external_id
            ),
        )
    of_domain = _others(accounts.by_domain.get(domain, ()) if domain else (), external_id, by_id)
    of_name = _others(accounts.by_name.get(fold(name), ()) if name else (), external_id, by_id)

    if by_id is not None:
        for key, found in (("domain", of_domain), ("name", of_name)):
            if found and by_id not in found:
                raise _two(key, by_id, found[0])
        return by_id
    if len(of_domain) > 1:
        narrowed = [account for account in of_domain if account in of_name]
        if len(narrowed) != 1:
            raise TwoMeant(
                "domain",
                text(
                    N_("%(n)s accounts have the website %(domain)s; add an identifier or the exact name."),
                    n=len(of_domain),
                    domain=domain,
                ),
            )
        return narrowed[0]
    if of_domain:
        if of_name and of_domain[0] not in of_name:
            raise _two("name", of_domain[0], of_name[0])
        return of_domain[0]
    if len(of_name) > 1:
        raise TwoMeant(
            "name",
            text(
                N_("%(n)s accounts are called “%(name)s”; add an identifier or a website."), n=len(of_name), name=name
            ),
        )
    if of_name and domain and (of_name[0].domain or domain).lower() != domain:
        raise TwoMeant(
            "domain",
            text(
                N_("“%(name)s” is already here with the website %(domain)s; if both are one, add its identifier."),
                name=of_name[0].name,
                domain=of_name[0].domain,
            ),
        )
    return of_name[0] if of_name else None


def _others(found: Sequence[KnownAccount], external_id: str | None, by_id: KnownAccount | None) -> list[KnownAccount]:
    """Without those that another identifier tells apart from this row."""
    return [
        account
        for account in found
        if account is by_id or not external_id or not account.external_id or account.external_id == external_id
    ]


def _two(key: str, one: KnownAccount, other: KnownAccount) -> TwoMeant:
    return TwoMeant(
        key,
        text(N_("This row means two accounts at once: “%(one)s” and “%(other)s”."), one=one.name, other=other.name),
    )
