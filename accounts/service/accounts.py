"""Making an account, and what may be said of it: name and details, stage, tier, seats, own fields."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.family.tree import ensure_fits
from accounts.models import Account, FactKey, OwnField, OwnFieldKind, OwnValue, Stage, Tier
from accounts.names import fold
from accounts.own.reading import Read, choice_of, keep_read, read_value
from accounts.rights import ensure_may_change, ensure_may_change_money
from accounts.service._dated import date_fact, ensure_not_ahead, from_day
from accounts.service.assignments import assign_owner
from crm import webhooks
from crm.audit import record
from crm.clock import start_of, today
from crm.errors import Conflict, Forbidden, Invalid
from crm.identity.models import Team, User
from crm.text import N_, text
from crm.viewer import Capability, Viewer
from crm.webhooks.models import Kind
from crm.webhooks.outbox import News


class NameTaken(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(N_("There is already an account named %(name)s."), name=name)


class ExternalIdTaken(Conflict):
    def __init__(self, external_id: str, name: str) -> None:
        super().__init__(N_("The id %(id)s already belongs to %(name)s."), id=external_id, name=name)


class ChangedMeanwhile(Conflict):
    def __init__(self, account: Account) -> None:
        super().__init__(
            N_("Someone else changed %(name)s while you were writing; look at it again before you save."),
            name=account.name,
        )


def create_account(
    session: Session,
    actor: Viewer,
    *,
    name: str,
    tier: Tier = Tier.MID,
    stage: Stage = Stage.LIVE,
    stage_entered_on: date | None = None,
    since: date | None = None,
    owner: User | None = None,
    owned_from: date | None = None,
    team: Team | None = None,
    external_id: str | None = None,
    domain: str | None = None,
    currency: str = "EUR",
    seats: int | None = None,
    country: str | None = None,
    language: str | None = None,
    industry: str | None = None,
    parent: Account | None = None,
    same_name: bool = False,
) -> Account:
    """A new customer company. ``since``: from when its tier and seats hold for scores of past days; by default from the
    day of its stage. ``same_name``: two companies may share a name (an import that tells them apart by id)."""
    if not actor.may(Capability.IMPORT):
        raise Forbidden(N_("New accounts are entered by relationship managers, managers and administrators."))
    name = " ".join(name.split())
    if not name:
        raise Invalid(N_("An account needs a name."))
    _refuse_seats(seats)
    entered = stage_entered_on or since or today()
    ensure_not_ahead(entered)
    if not same_name and _with_name(session, name) is not None:
        raise NameTaken(name)
    if external_id and (other := _with_external_id(session, external_id)) is not None:
        raise ExternalIdTaken(external_id, other.name)
    if parent is not None:
        ensure_fits(session, None, parent)

    account = Account(
        name=name,
        name_folded=fold(name),
        external_id=external_id or None,
        domain=domain.strip().lower() if domain else None,
        tier=tier,
        stage=stage,
        stage_entered_on=entered,
        team_id=team.id if team else None,
        parent_id=parent.id if parent else None,
        currency=currency,
        seats=seats,
        country=country,
        language=language,
        industry=industry,
    )
    session.add(account)
    session.flush()
    begun = start_of(min(since or entered, entered))
    date_fact(session, account, FactKey.TIER, tier, begun)
    date_fact(session, account, FactKey.STAGE, stage, start_of(entered))
    if seats is not None:
        date_fact(session, account, FactKey.SEATS, seats, begun)
    record(session, actor, account.id, "account.created", name=name)
    if owner is not None:
        assign_owner(session, actor, account, owner, on=owned_from or today(), reason="")
    tell(session, AccountsChanged, [account.id])
    return account


def change_details(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    name: str,
    domain: str | None,
    country: str | None,
    language: str | None,
    industry: str | None,
    version: int | None = None,
) -> None:
    """``version``: what the form was made from; another one means that somebody else was faster."""
    ensure_may_change(session, actor, account)
    if version is not None and version != account.version:
        raise ChangedMeanwhile(account)
    name = " ".join(name.split())
    if not name:
        raise Invalid(N_("An account needs a name."))
    other = _with_name(session, name)
    if other is not None and other.id != account.id:
        raise NameTaken(name)

    before = {key: getattr(account, key) for key in ("name", "domain", "country", "language", "industry")}
    account.name, account.name_folded = name, fold(name)
    account.domain = domain.strip().lower() if domain else None
    account.country, account.language, account.industry = country, language, industry
    account.version += 1
    changed = {key: [old, getattr(account, key)] for key, old in before.items() if old != getattr(account, key)}
    record(session, actor, account.id, "account.changed", **changed)
    tell(session, AccountsChanged, [account.id])


def change_stage(
    session: Session, actor: Viewer, account: Account, stage: Stage, *, on: date, reason: str = ""
) -> None:
    ensure_may_change(session, actor, account)
    ensure_not_ahead(on)
    if account.stage is stage:
        raise Conflict(
            N_("%(account)s is already in that stage, since %(day)s."),
            account=account.name,
            day=account.stage_entered_on,
        )

    before = account.stage
    account.stage, account.stage_entered_on = stage, on
    account.version += 1
    date_fact(session, account, FactKey.STAGE, stage, from_day(on))
    record(session, actor, account.id, "account.stage_changed", before=before, after=stage, on=on, reason=reason)
    sentence = text(
        N_("%(account)s: %(before)s → %(after)s (%(who)s)"),
        account=account.name,
        before=text(before.words),
        after=text(stage.words),
        who=actor.name,
    )
    data = {"account_id": str(account.id), "account": account.name, "before": before.value, "after": stage.value}
    webhooks.tell(session, [News(Kind.STAGE_CHANGED, sentence, f"/accounts/{account.id}", data)])
    tell(session, AccountsChanged, [account.id])


def set_tier(session: Session, actor: Viewer, account: Account, tier: Tier, *, on: date | None = None) -> None:
    ensure_may_change(session, actor, account)
    day = on or today()
    ensure_not_ahead(day)
    if account.tier is tier:
        return  # saying the same again changes nothing

    before, account.tier = account.tier, tier
    account.version += 1
    date_fact(session, account, FactKey.TIER, tier, from_day(day))
    record(session, actor, account.id, "account.tier_changed", before=before, after=tier, on=day)
    tell(session, AccountsChanged, [account.id])


def set_seats(session: Session, actor: Viewer, account: Account, seats: int | None, *, on: date | None = None) -> None:
    """Licensed seats; ``None``: unknown. They are part of the deal, so whoever changes money changes them."""
    ensure_may_change_money(session, actor, account)
    day = on or today()
    ensure_not_ahead(day)
    _refuse_seats(seats)
    if account.seats == seats:
        return

    before, account.seats = account.seats, seats
    account.version += 1
    date_fact(session, account, FactKey.SEATS, seats, from_day(day))
    record(session, actor, account.id, "account.seats_changed", before=before, after=seats, on=day)
    tell(session, AccountsChanged, [account.id])


def set_own_value(session: Session, actor: Viewer, account: Account, own: OwnField, written: str) -> None:
    """What a company's own field says about ``account``; empty takes the value away."""
    ensure_may_change(session, actor, account)
    _write_own_value(session, actor, account, own, _read_own_value(account, own, written))


def put_own_value(session: Session, actor: Viewer, account: Account, own: OwnField, text: str) -> None:
    """What it said before a change of ``actor``'s; their rights of the moment are not asked."""
    try:
        read = _read_own_value(account, own, text)
    except Invalid:  # it stood there although the field's kind cannot read it
        read = Read(text)
    _write_own_value(session, actor, account, own, read)


def _read_own_value(account: Account, own: OwnField, written: str) -> Read:
    written = written.strip()
    if written and own.kind is OwnFieldKind.CHOICE:
        written = choice_of(own.choices, written)
    return read_value(own.kind, written, currency=account.currency) if written else Read("")


def _write_own_value(session: Session, actor: Viewer, account: Account, own: OwnField, read: Read) -> None:
    value = session.exec(
        select(OwnValue).where(col(OwnValue.account_id) == account.id, col(OwnValue.field_id) == own.id)
    ).first()
    before = value.text if value else ""
    if before == read.text:
        return
    if not read.text:
        session.delete(value)
    else:
        value = value or OwnValue(account_id=account.id, field_id=own.id, text="")
        keep_read(value, read)
        session.add(value)
    record(session, actor, account.id, "account.own_field_changed", field=own.title, before=before, after=read.text)
    tell(session, AccountsChanged, [account.id])


def _refuse_seats(seats: int | None) -> None:
    if seats is not None and not 0 <= seats <= 10**9:
        raise Invalid(N_("Seats are a whole number, 0 or more."))


def _with_name(session: Session, name: str) -> Account | None:
    same = select(Account).where(col(Account.name_folded) == fold(name), col(Account.closed_at).is_(None))
    return session.exec(same.limit(1)).first()


def _with_external_id(session: Session, external_id: str) -> Account | None:
    return session.exec(select(Account).where(col(Account.external_id) == external_id)).first()


__all__ = [
    "ChangedMeanwhile",
    "ExternalIdTaken",
    "NameTaken",
    "change_details",
    "change_stage",
    "create_account",
    "put_own_value",
    "set_own_value",
    "set_seats",
    "set_tier",
]
