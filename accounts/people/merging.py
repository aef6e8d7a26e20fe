"""Two rows that are one person become one, and two again: what moved comes back exactly, what was done since is kept.

Roles and talks are facts: what one person had is closed and the other's is added, so that past days are read as they
were believed then. Whoever merged last can be parted first: a merge is taken back only while it is the latest one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, select as core_select, update
from sqlmodel import Session, col, select

from accounts.events import (
    ContactsChanged,
    ContactsMerged,
    ContactsParted,
    InteractionsChanged,
    gathered,
    tell,
)
from accounts.goals.models import Goal
from accounts.models import (
    Account,
    Consent,
    Contact,
    ContactAccount,
    ContactRole,
    ContactRoleKind,
    Influence,
    Interaction,
    Sentiment,
)
from accounts.nps.models import NpsAnswer
from accounts.people.intervals import Held, end_after_edit, put_together
from accounts.people.models import ContactMerge, NotTheSame
from accounts.promises.models import Promise
from accounts.rights import in_hands_of
from accounts.service.contacts import accounts_of
from crm.audit import record
from crm.clock import now, today
from crm.db import metadata, table_of
from crm.errors import Conflict, Forbidden, Invalid
from crm.events import emit
from crm.ids import new_id
from crm.text import N_
from crm.viewer import Viewer

_OWNED: dict[str, Any] = {"goal": Goal, "promise": Promise, "nps_answer": NpsAnswer}
_PERSONAL = ("email", "phone", "language")
_CONSENT = ("consent", "consent_on", "consent_how")
_AT_ACCOUNT = (
    "position",
    "influence",
    "sentiment",
    "sentiment_on",
    "from_on",
    "to_on",
    "new_employer",
)
_READ = {
    "consent": Consent,
    "influence": Influence,
    "sentiment": Sentiment,
    "consent_on": date.fromisoformat,
    "sentiment_on": date.fromisoformat,
    "from_on": date.fromisoformat,
    "to_on": date.fromisoformat,
}


def may_merge(session: Session, viewer: Viewer, one: Contact, other: Contact) -> bool:
    """Whoever has an account of each in their hands."""
    here = [
        core_select(col(ContactAccount.id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(col(ContactAccount.contact_id) == contact.id, col(Account.closed_at).is_(None), in_hands_of(viewer))
        for contact in (one, other)
    ]
    return bool(session.execute(core_select(exists(here[0]) & exists(here[1]))).scalar_one())


def merge_contacts(session: Session, actor: Viewer, kept: Contact, gone: Contact) -> ContactMerge:
    """``gone`` was ``kept`` all the time: their talks, tickets, roles and accounts are ``kept``'s from now on."""
    ensure_may_merge(session, actor, kept, gone)
    _hold(session, kept, gone)
    if kept.id == gone.id:
        raise Invalid(N_("These are the same row already; choose two people."))
    for contact in (kept, gone):
        if contact.closed_at is not None:
            raise Conflict(N_("%(contact)s was merged or deleted meanwhile."), contact=contact.name)

    at = now()
    told = {*accounts_of(session, kept), *accounts_of(session, gone)}
    merge = ContactMerge(
        kept_id=kept.id, gone_id=gone.id, merged_by=None if actor.is_system else actor.user_id, merged_at=at
    )
    session.add(merge)
    with gathered(session):
        merge.done = {
            "filled": _fill(kept, _of_both(kept, gone)),
            **_join_accounts(session, kept, gone),
            "roles": _move_roles(session, kept, gone, at),
            "talks": _move_talks(session, gone.id, kept.id, _talks_of(session, gone.id), at),
            "owned": _move_owned(session, gone.id, kept.id),
            "followers": _redirect(session, gone.id, kept.id),
        }
        gone.closed_at, gone.merged_into_id = at, kept.id
        for account_id in sorted(told):
            record(session, actor, account_id, "contact.merged", merge=str(merge.id), kept=kept.name, gone=gone.name)
        tell(session, ContactsChanged, told)
        tell(session, InteractionsChanged, told)
    session.flush()
    emit(session, ContactsMerged(merge.id, kept.id, gone.id))
    return merge


def take_back_merge(session: Session, actor: Viewer, merge: ContactMerge) -> Contact:
    """They are two people after all. What was changed since the merge stays as it was changed."""
    kept, gone = session.get_one(Contact, merge.kept_id), session.get_one(Contact, merge.gone_id)
    ensure_may_merge(session, actor, kept, gone)
    _hold(session, kept, gone)
    session.refresh(merge)
    if merge.undone_at is not None:
        raise Conflict(N_("That merge was taken back already."))
    if kept.closed_at is not None:
        raise Conflict(
            N_("%(contact)s was itself merged into somebody since; take that back first."), contact=kept.name
        )
    if (later := latest_merge(session, kept)) is None or later.id != merge.id:
        raise Conflict(N_("Somebody else was merged into %(contact)s since; take that back first."), contact=kept.name)

    at, done = now(), merge.done
    told = {*accounts_of(session, kept), *accounts_of(session, gone)}
    gone.closed_at = gone.merged_into_id = None
    merge.undone_at, merge.undone_by = at, None if actor.is_system else actor.user_id
    with gathered(session):
        _unfill(kept, done["filled"])
        _give_roles_back(session, kept, gone, done["roles"], at)
        _move_talks(session, kept.id, gone.id, _still(session, kept.id, done["talks"]), at)
        for name, ids in done["owned"].items():
            _hand_over(session, name, map(int, ids), kept.id, gone.id)
        session.flush()
        _part_accounts(session, kept, gone, done)
        _redirect_these(session, done["followers"], gone.id)
        for account_id in sorted(told):
            record(session, actor, account_id, "contact.parted", merge=str(merge.id), kept=kept.name, gone=gone.name)
        tell(session, ContactsChanged, told)
        tell(session, InteractionsChanged, told)
    session.flush()
    emit(session, ContactsParted(merge.id, kept.id, gone.id))
    return gone


def say_not_the_same(session: Session, actor: Viewer, one: Contact, other: Contact) -> None:
    """They only look alike; they are not proposed again."""
    ensure_may_merge(session, actor, one, other)
    low, high = sorted((one, other), key=lambda contact: contact.id)
    known = select(NotTheSame.id).where(col(NotTheSame.low_id) == low.id, col(NotTheSame.high_id) == high.id)
    if low.id == high.id or session.exec(known).first() is not None:
        return
    said_by = None if actor.is_system else actor.user_id
    session.add(NotTheSame(low_id=low.id, high_id=high.id, said_by=said_by, said_on=today()))
    for account_id in sorted({*accounts_of(session, one), *accounts_of(session, other)}):
        record(session, actor, account_id, "contact.not_the_same", one=one.name, other=other.name)


def latest_merge(session: Session, kept: Contact) -> ContactMerge | None:
    """The last one into ``kept`` that still stands."""
    return session.exec(
        select(ContactMerge)
        .where(col(ContactMerge.kept_id) == kept.id, col(ContactMerge.undone_at).is_(None))
        .order_by(col(ContactMerge.merged_at).desc(), col(ContactMerge.id).desc())
        .limit(1)
    ).first()


def ensure_may_merge(session: Session, actor: Viewer, one: Contact, other: Contact) -> None:
    if not may_merge(session, actor, one, other):
        raise Forbidden(
            N_("Whoever has an account of %(one)s and one of %(other)s in their hands may say that; ask their owners."),
            one=one.name,
            other=other.name,
        )


def _hold(session: Session, *contacts: Contact) -> None:
    """Nobody else merges or parts them until this transaction ends. On SQLite one transaction writes at a time."""
    for contact in sorted(contacts, key=lambda contact: contact.id):
        if session.get_bind().dialect.name == "postgresql":
            session.refresh(contact, with_for_update=True)


# --- what is said of the person --------------------------------------------------------------------------------------


def _of_both(kept: Contact, gone: Contact) -> dict[str, Any]:
    """What the one who is kept had not said; a refusal to be mailed counts, whoever of the two has said it."""
    values = {name: getattr(kept, name) or getattr(gone, name) for name in _PERSONAL}
    refused = gone.consent is Consent.REFUSED and kept.consent is not Consent.REFUSED
    source = gone if refused or kept.consent is None else kept
    return values | {name: getattr(source, name) for name in _CONSENT}


def _fill(row: Contact | ContactAccount, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Give ``row`` these values; what they were and are, of those that changed."""
    changed = {}
    for name, value in values.items():
        if (before := getattr(row, name)) != value:
            setattr(row, name, value)
            changed[name] = [_plain(before), _plain(value)]
    return changed


def _unfill(row: Contact | ContactAccount, changed: dict[str, list[Any]]) -> None:
    """As before, except what somebody has changed since."""
    for name, (before, after) in changed.items():
        if _plain(getattr(row, name)) == after:
            setattr(row, name, _value(name, before))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else getattr(value, "value", value)


def _value(name: str, plain: Any) -> Any:
    return _READ[name](plain) if plain is not None and name in _READ else plain


# --- where they are --------------------------------------------------------------------------------------------------


def _links(session: Session, contact: Contact) -> dict[int, ContactAccount]:
    rows = session.exec(select(ContactAccount).where(col(ContactAccount.contact_id) == contact.id))
    return {link.account_id: link for link in rows}


def _join_accounts(session: Session, kept: Contact, gone: Contact) -> dict[str, Any]:
    """The rows of the one who goes stay with them, unread; the one who is kept gets their own."""
    there, added, filled = _links(session, kept), {}, {}
    for account_id, link in _links(session, gone).items():
        values = {name: getattr(link, name) for name in _AT_ACCOUNT}
        if (known := there.get(account_id)) is None:
            session.add(ContactAccount(contact_id=kept.id, account_id=account_id, **values))
            added[str(account_id)] = {name: _plain(value) for name, value in values.items()}
            continue
        known_since = [day for day in (known.from_on, link.from_on) if day]
        left = known.to_on is not None and link.to_on is not None
        values = {name: getattr(known, name) or value for name, value in values.items()}
        values["sentiment_on"] = known.sentiment_on if known.sentiment else link.sentiment_on
        values["from_on"] = min(known_since, default=None)
        values["to_on"] = max(known.to_on, link.to_on) if left and known.to_on and link.to_on else None
        values["new_employer"] = values["new_employer"] if left else ""
        filled[str(account_id)] = _fill(known, values)
    session.flush()
    return {"added": added, "joined": filled}


def _part_accounts(session: Session, kept: Contact, gone: Contact, done: dict[str, Any]) -> None:
    """What was changed since at an account that only the other had, is said of the other."""
    ours, theirs = _links(session, kept), _links(session, gone)
    for account_id, values in done["added"].items():
        link, other = ours.get(int(account_id)), theirs.get(int(account_id))
        if link is None or other is None:
            continue
        for name, value in values.items():
            if _plain(getattr(link, name)) != value:
                setattr(other, name, getattr(link, name))
        if not _is_at(session, kept, int(account_id)):
            session.delete(link)
    for account_id, changed in done["joined"].items():
        if (link := ours.get(int(account_id))) is not None:
            _unfill(link, changed)


def _is_at(session: Session, contact: Contact, account_id: int) -> bool:
    """They were given a role there or spoken with since, so they remain a contact of it."""
    roles = core_select(col(ContactRole.id)).where(
        col(ContactRole.contact_id) == contact.id,
        col(ContactRole.account_id) == account_id,
        col(ContactRole.closed_at).is_(None),
    )
    talks = core_select(col(Interaction.id)).where(
        col(Interaction.contact_id) == contact.id,
        col(Interaction.account_id) == account_id,
        col(Interaction.closed_at).is_(None),
    )
    return bool(session.execute(core_select(exists(roles) | exists(talks))).scalar_one())


# --- what they are for us --------------------------------------------------------------------------------------------


def _roles_of(session: Session, contact_ids: Iterable[int]) -> Sequence[ContactRole]:
    return session.exec(
        select(ContactRole).where(col(ContactRole.contact_id).in_(contact_ids), col(ContactRole.closed_at).is_(None))
    ).all()


def _move_roles(session: Session, kept: Contact, gone: Contact, at: datetime) -> list[dict[str, Any]]:
    """Both had roles; one person has them together, each day once."""
    rows = {row.id: row for row in _roles_of(session, (kept.id, gone.id))}
    by_role: dict[tuple[int, ContactRoleKind], list[Held]] = defaultdict(list)
    for row in rows.values():
        by_role[row.account_id, row.role].append(Held(row.id, row.contact_id == kept.id, row.from_on, row.to_on))
    done = []
    for (account_id, role), held in sorted(by_role.items()):
        for period in put_together(held):
            if period.stays:
                continue
            for part in period.parts:
                rows[part.id].closed_at = at
            _add_role(session, account_id, kept.id, role, period.from_on, period.to_on, at)
            done.append(
                {
                    "account": str(account_id),
                    "role": role.value,
                    "period": [_plain(period.from_on), _plain(period.to_on)],
                    "parts": [[part.kept, _plain(part.from_on), _plain(part.to_on)] for part in period.parts],
                }
            )
    return done


def _give_roles_back(
    session: Session, kept: Contact, gone: Contact, done: Sequence[dict[str, Any]], at: datetime
) -> None:
    believed = {(row.account_id, row.role, row.from_on): row for row in _roles_of(session, [kept.id])}
    for one in done:
        account_id, role = int(one["account"]), ContactRoleKind(one["role"])
        from_on, to_on = (_value("to_on", day) for day in one["period"])
        row = believed.get((account_id, role, from_on))
        ends = row.to_on if row is not None else to_on
        if row is not None:
            row.closed_at = at
        for was_kept, began, ended in one["parts"]:
            start, end = date.fromisoformat(began), _value("to_on", ended)
            owner = kept if was_kept else gone
            _add_role(session, account_id, owner.id, role, start, end_after_edit(end, to_on, ends, start), at)


def _add_role(
    session: Session,
    account_id: int,
    contact_id: int,
    role: ContactRoleKind,
    from_on: date,
    to_on: date | None,
    at: datetime,
) -> None:
    session.add(
        ContactRole(account_id=account_id, contact_id=contact_id, role=role, from_on=from_on, to_on=to_on, known_at=at)
    )


# --- what they said --------------------------------------------------------------------------------------------------


def _talks_of(session: Session, contact_id: int) -> Sequence[Interaction]:
    return session.exec(
        select(Interaction)
        .where(col(Interaction.contact_id) == contact_id, col(Interaction.closed_at).is_(None))
        .order_by(col(Interaction.happened_at), col(Interaction.id))
    ).all()


def _still(session: Session, contact_id: int, moved: Sequence[str]) -> Sequence[Interaction]:
    """Of the talks that were moved, those that nobody has corrected or taken back since."""
    ids = {int(one) for one in moved}
    return [talk for talk in _talks_of(session, contact_id) if talk.id in ids]


def _move_talks(session: Session, from_id: int, to_id: int, talks: Sequence[Interaction], at: datetime) -> list[str]:
    """Each is closed and stands beside itself with the other person; what refers to it follows. Ids of the new ones."""
    columns = [column.name for column in table_of(Interaction).columns]
    copies: list[Interaction] = []
    followed: dict[int, int] = {}
    for talk in talks:
        values = {name: getattr(talk, name) for name in columns}
        values.update(id=new_id(), contact_id=to_id, known_at=at)
        followed[talk.id] = values["id"]
        copies.append(Interaction(**values))
        talk.closed_at = at
        talk.external_id = None  # the source's name of it is of the row that counts
    session.flush()
    session.add_all(copies)
    session.flush()
    for column in _that_name_talks():
        moved = update(column.table).where(column == bindparam("was")).values({column.name: bindparam("is_now")})
        if followed:
            session.execute(moved, [{"was": old, "is_now": new} for old, new in followed.items()])
    return [str(copy.id) for copy in copies]


def _that_name_talks() -> list[Any]:
    """Columns that refer to a talk (a task, a mail, a meeting it came from), of whichever table there is."""
    return [
        key.parent
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.target_fullname == "interaction.id"
    ]


# --- what else is theirs ---------------------------------------------------------------------------------------------


def _move_owned(session: Session, from_id: int, to_id: int) -> dict[str, list[str]]:
    """Goals they own, promises made to them, answers they gave: of ordinary records, who it is about is mended."""
    moved = {}
    for name, model in _OWNED.items():
        ids = session.scalars(core_select(col(model.id)).where(col(model.contact_id) == from_id)).all()
        moved[name] = [str(one) for one in ids]
        _hand_over(session, name, ids, from_id, to_id)
    return moved


def _hand_over(session: Session, name: str, ids: Iterable[int], from_id: int, to_id: int) -> None:
    model = _OWNED[name]
    session.execute(
        update(model).where(col(model.id).in_(list(ids)), col(model.contact_id) == from_id).values(contact_id=to_id)
    )


# --- who points at whom ----------------------------------------------------------------------------------------------


def _redirect(session: Session, from_id: int, to_id: int) -> list[str]:
    """Whoever was merged into the one who goes is the one who is kept."""
    ids = session.exec(select(Contact.id).where(col(Contact.merged_into_id) == from_id)).all()
    _redirect_these(session, [str(one) for one in ids], to_id)
    return [str(one) for one in ids]


def _redirect_these(session: Session, followers: Sequence[str], to_id: int) -> None:
    ids = [int(one) for one in followers]
    session.execute(update(Contact).where(col(Contact.id).in_(ids)).values(merged_into_id=to_id))


__all__ = [
    "ensure_may_merge",
    "latest_merge",
    "may_merge",
    "merge_contacts",
    "say_not_the_same",
    "take_back_merge",
]
