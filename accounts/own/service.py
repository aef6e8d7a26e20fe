"""Own fields named, ordered, shown, hidden, and given another kind after a look at what that would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select as core_select, update
from sqlmodel import Session, col, func, select

from accounts.importing.days import DayOrder, day_order_of
from accounts.importing.headings import words_of
from accounts.importing.values import decimal_of
from accounts.models import Account, OwnField, OwnFieldKind, OwnValue
from accounts.names import fold
from accounts.own.queries import every_field
from accounts.own.reading import Read, read_value
from crm.audit import record
from crm.db import table_of
from crm.errors import Conflict, Forbidden, Invalid
from crm.text import N_
from crm.viewer import Capability, Viewer

MOST_FIELDS = 100
MOST_CHOICES = 100
LONGEST_CHOICE = 80
SHOWN_UNREAD = 8
CHUNK = 1_000


def ensure_may_arrange(viewer: Viewer) -> None:
    if not viewer.may(Capability.ARRANGE):
        raise Forbidden(N_("Own fields are arranged by managers and administrators; ask one of them."))


def create_field(
    session: Session, actor: Viewer, *, title: str, kind: OwnFieldKind, choices: Sequence[str] = ()
) -> OwnField:
    ensure_may_arrange(actor)
    title, there = _title(title), every_field(session)
    if len(there) >= MOST_FIELDS:
        raise Conflict(N_("%(n)s own fields are the most."), n=MOST_FIELDS)
    _refuse_taken(there, title)
    own = OwnField(
        key=_free_key(title, {one.key for one in there}),
        title=title,
        kind=kind,
        choices=list(choices) if kind is OwnFieldKind.CHOICE else [],
        position=1 + max((one.position for one in there), default=0),
    )
    session.add(own)
    session.flush()
    record(session, actor, None, "own_field.created", field=str(own.id), title=title, kind=kind)
    return own


def change_field(
    session: Session,
    actor: Viewer,
    own: OwnField,
    *,
    title: str,
    on_page: bool,
    on_list: bool,
    on_report: bool,
    choices: Sequence[str] | None = None,
) -> None:
    """``choices``: of a choice; one that accounts still have cannot go."""
    ensure_may_arrange(actor)
    title = _title(title)
    _refuse_taken([one for one in every_field(session) if one.id != own.id], title)
    if choices is not None and own.kind is OwnFieldKind.CHOICE:
        _refuse_used(session, own, choices)
        own.choices = list(choices)
    own.title, own.on_page, own.on_list, own.on_report = title, on_page, on_list, on_report
    record(
        session,
        actor,
        None,
        "own_field.changed",
        field=str(own.id),
        title=title,
        on_page=on_page,
        on_list=on_list,
        on_report=on_report,
    )


def hide_field(session: Session, actor: Viewer, own: OwnField, *, hidden: bool) -> None:
    """Out of use, and back again: its values are kept."""
    ensure_may_arrange(actor)
    if own.hidden is hidden:
        return
    own.hidden = hidden
    record(session, actor, None, "own_field.hidden" if hidden else "own_field.shown", field=str(own.id))


def move_field(session: Session, actor: Viewer, own: OwnField, *, by: int) -> None:
    """One place up (-1) or down (1)."""
    ensure_may_arrange(actor)
    order = list(every_field(session))
    at = next(place for place, one in enumerate(order) if one.id == own.id)
    to = at + by
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    for place, one in enumerate(order):
        one.position = place + 1
        session.add(one)


# --- another kind ----------------------------------------------------------------------------------------------------


@dataclass
class KindLook:
    """What another kind would do: how many values it reads, and which it does not."""

    kind: OwnFieldKind
    read: int = 0
    unread: int = 0
    examples: list[tuple[int, str, str]] = field(default_factory=list)  # account, its name, what is written
    choices: list[str] = field(default_factory=list)

    @property
    def too_many_choices(self) -> bool:
        return len(self.choices) > MOST_CHOICES


def look_at_kind(session: Session, own: OwnField, kind: OwnFieldKind) -> KindLook:
    """A dry run: nothing is written."""
    look = KindLook(kind)
    for _value_id, account_id, name, written, read in _read_as(session, own, kind):
        if read is not None:
            look.read += 1
            if kind is OwnFieldKind.CHOICE and len(look.choices) <= MOST_CHOICES:
                _add_choice(look.choices, read.text)
            continue
        look.unread += 1
        if len(look.examples) < SHOWN_UNREAD:
            look.examples.append((account_id, name, written))
    return look


def change_kind(session: Session, actor: Viewer, own: OwnField, kind: OwnFieldKind) -> KindLook:
    """What cannot be read stays as it was written: it is shown, and found by no number, day or amount."""
    ensure_may_arrange(actor)
    if own.kind is kind:
        raise Conflict(N_("“%(field)s” is of this kind already."), field=own.title)
    look = KindLook(kind)
    changes: list[dict[str, Any]] = []
    for value_id, _account_id, _name, written, read in _read_as(session, own, kind):
        look.read, look.unread = look.read + (read is not None), look.unread + (read is None)
        now = read or Read(written)
        if kind is OwnFieldKind.CHOICE:
            _add_choice(look.choices, now.text)
        changes.append(
            {
                "of": value_id,
                "is_text": now.text,
                "is_number": now.number,
                "is_day": now.day,
                "is_amount": now.amount_minor,
                "in_currency": now.currency,
            }
        )
    if look.too_many_choices:
        raise Invalid(N_("There are more than %(n)s different values; a choice cannot offer so many."), n=MOST_CHOICES)
    table: Any = table_of(OwnValue)
    statement = (
        update(table)
        .where(table.c.id == bindparam("of"))
        .values(
            text=bindparam("is_text"),
            number=bindparam("is_number"),
            day=bindparam("is_day"),
            amount_minor=bindparam("is_amount"),
            currency=bindparam("in_currency"),
        )
    )
    for start in range(0, len(changes), CHUNK):
        session.connection().execute(statement, changes[start : start + CHUNK])
    before, own.kind = own.kind, kind
    own.choices = look.choices if kind is OwnFieldKind.CHOICE else []
    session.add(own)
    record(
        session, actor, None, "own_field.kind_changed",
        field=str(own.id), title=own.title, before=before, after=kind, read=look.read, unread=look.unread,
    )  # fmt: skip
    session.flush()
    session.expire_all()  # the values were written beside the session
    return look


def _read_as(session: Session, own: OwnField, kind: OwnFieldKind) -> Iterator[tuple[int, int, str, str, Read | None]]:
    """Value, account, its name, what is written, what it is as ``kind`` (``None``: it cannot be read)."""
    rows = session.execute(
        core_select(
            col(OwnValue.id), col(OwnValue.account_id), col(Account.name), col(Account.currency), col(OwnValue.text)
        )
        .join(Account, col(Account.id) == col(OwnValue.account_id))
        .where(col(OwnValue.field_id) == own.id)
        .order_by(col(Account.name_folded), col(Account.id))
    ).all()
    written = [row.text for row in rows]
    order = day_order_of(written[:CHUNK]).order if kind is OwnFieldKind.DATE else DayOrder.DAY_FIRST
    decimal = decimal_of(written[:CHUNK]) if kind in (OwnFieldKind.NUMBER, OwnFieldKind.MONEY) else None
    for value_id, account_id, name, currency, said in rows:
        try:
            read = read_value(kind, said, currency=currency, order=order, decimal=decimal)
        except Invalid:
            read = None
        if kind is OwnFieldKind.CHOICE and len(said) > LONGEST_CHOICE:
            read = None
        yield value_id, account_id, name, said, read


def _add_choice(choices: list[str], written: str) -> None:
    if written and len(written) <= LONGEST_CHOICE and written not in choices:
        choices.append(written)


def choices_of(written: str) -> list[str]:
    """One a line, as they were typed."""
    found = list(dict.fromkeys(" ".join(line.split()) for line in written.splitlines() if line.strip()))
    if any(len(one) > LONGEST_CHOICE for one in found):
        raise Invalid(N_("A choice has at most %(n)s letters."), n=LONGEST_CHOICE)
    if len(found) > MOST_CHOICES:
        raise Invalid(N_("%(n)s choices are the most."), n=MOST_CHOICES)
    return found


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid(N_("A field needs a name."))
    return title


def _refuse_taken(there: Sequence[OwnField], title: str) -> None:
    if any(fold(one.title) == fold(title) for one in there):
        raise Conflict(N_("There is already a field called “%(title)s”."), title=title)


def _refuse_used(session: Session, own: OwnField, choices: Sequence[str]) -> None:
    gone = [one for one in own.choices if one not in choices]
    if not gone:
        return
    used = select(func.count()).select_from(OwnValue)
    for one in gone:
        count = session.exec(used.where(col(OwnValue.field_id) == own.id, col(OwnValue.text) == one)).one()
        if count:
            raise Conflict(
                N_("“%(choice)s” stands on %(n)s accounts; change those first, or leave it."), choice=one, n=count
            )


def _free_key(title: str, taken: set[str]) -> str:
    """Like the key an import would give it, so that a later file with this heading fills this very field."""
    key = wanted = (words_of(title) or "field")[:70]
    number = 2
    while key in taken:
        key, number = f"{wanted} {number}", number + 1
    return key
