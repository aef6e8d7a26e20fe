"""Which account and which person a talk is with, as far as a program says; what is not clear is a mistake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account, Contact
from accounts.participants import FREE_DOMAINS
from accounts.people.whereabouts import whereabouts
from crm.clock import now
from crm.text import N_, Text, text
from crm.viewer import Viewer
from support.intake.schemas import InteractionIn
from support.matching import AccountFinder, ContactFinder
from support.models import EventKind
from support.records import AccountHint, EventRecord, Requester, TicketRecord

_NOBODY = N_(
    "no account is known by this; send account.external_id, account.domain or account.name of an account, or add the "
    "person to one first"
)
_SEVERAL = N_("this person is known at several accounts; send account.external_id or account.domain as well")
_NOTHING = N_("say whose it is: contact_email, or account.external_id, account.domain or account.name")


@dataclass(frozen=True)
class With:
    account: Account
    contact: Contact | None


class TalkFinder:
    """Accounts and contacts of many talks of one source, in a number of statements that does not grow with them."""

    def __init__(self, session: Session, actor: Viewer, source_key: str) -> None:
        self.session = session
        self.accounts = AccountFinder(session, actor, source_key)
        self.contacts = ContactFinder(session, source_key)
        self._found: dict[str, Account] = {}

    def find(self, talks: Iterable[InteractionIn]) -> list[With | tuple[str, str, Text]]:
        """For each: with whom; or field, value and reason of why nobody can tell."""
        talks = list(talks)
        records = [_as_record(one) for one in talks]
        self.accounts.prepare(records)
        self.contacts.prepare([record.requester for record in records])
        _, by_mail = whereabouts(self.session, (), {one.contact_email.lower() for one in talks if one.contact_email})
        settled = [
            self._account_of(one, record, by_mail.get(one.contact_email.lower(), set()))
            for one, record in zip(talks, records, strict=True)
        ]
        contact_ids = [
            self.contacts.find(record) if isinstance(account_id, int) else None
            for record, account_id in zip(records, settled, strict=True)
        ]
        self.contacts.link(
            (contact_id, account_id)
            for contact_id, account_id in zip(contact_ids, settled, strict=True)
            if contact_id is not None and isinstance(account_id, int)
        )
        accounts = self._accounts({one for one in settled if isinstance(one, int)})
        contacts = self._contacts({one for one in contact_ids if one is not None})
        return [
            With(accounts[one], contacts.get(contact_id) if contact_id is not None else None)
            if isinstance(one, int)
            else one
            for one, contact_id in zip(settled, contact_ids, strict=True)
        ]

    def _account_of(self, one: InteractionIn, record: TicketRecord, at: set[int]) -> int | tuple[str, str, Text]:
        hint = one.account
        named = hint.external_id or hint.domain or hint.name
        if not named and len(at) == 1:
            return next(iter(at))
        if not named and at:
            return "contact_email", one.contact_email, text(_SEVERAL)
        if record.account.is_empty:
            if one.contact_email:
                return "contact_email", one.contact_email, text(_NOBODY)
            return "account", "", text(_NOTHING)
        found = self.accounts.find(record)
        if found.account_id is not None:
            return found.account_id
        field = "account" if named else "contact_email"
        return field, named or one.contact_email, text(_NOBODY)

    def _accounts(self, ids: set[int]) -> dict[int, Account]:
        found = self.session.scalars(select(Account).where(col(Account.id).in_(sorted(ids))))
        return {one.id: one for one in found}

    def _contacts(self, ids: set[int]) -> dict[int, Contact]:
        found = self.session.scalars(select(Contact).where(col(Contact.id).in_(sorted(ids))))
        return {one.id: one for one in found}


def _as_record(one: InteractionIn) -> TicketRecord:
    """What the finders of tickets read. A domain where anybody may have an address names no company."""
    domain = one.contact_email.rpartition("@")[2].lower()
    hint = AccountHint(one.account.external_id, one.account.domain, one.account.name)
    if hint.is_empty and domain and domain not in FREE_DOMAINS:
        hint = AccountHint(domain=domain)
    at = now()
    event = EventRecord(EventKind.OPENED, "opened", at)
    # A name alone would make a new person of every talk.
    requester = Requester("", one.contact_name, one.contact_email) if one.contact_email else Requester()
    return TicketRecord("", one.id, at, (event,), account=hint, requester=requester)
