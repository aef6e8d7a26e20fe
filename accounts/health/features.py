"""Tier, seats, contacts and roles of accounts as of an instant, in one statement for all accounts or some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlmodel import col

from accounts.models import Account, AccountFact, Channel, ContactRole, ContactRoleKind, FactKey, Interaction, Tier
from accounts.models.contact import KEY_ROLES
from crm.contracts import Feature, FeatureContext, FeatureSet, FeatureShape, Segment
from crm.db import epoch_seconds, known_at

TIER_CODES = {tier: code for code, tier in enumerate(Tier, start=1)}

_T: Any = bindparam("t")
_DAY: Any = bindparam("day", type_=Date())
_KNOWN_AT: Any = bindparam("known_at")


def believed(table: Any, shape: FeatureShape) -> ColumnElement[bool]:
    """Rows of a table dated twice that count: believed now, or at ``:known_at``."""
    return known_at(col(table.known_at), col(table.closed_at), _KNOWN_AT if shape.known else None)


def is_contact() -> ColumnElement[bool]:
    """Something a person said to a person; never a note for ourselves, an automatic reply or a mass mail."""
    return and_(
        col(Interaction.channel) != Channel.NOTE,
        col(Interaction.automatic).is_(False),
        col(Interaction.mass).is_(False),
    )


def is_talk() -> ColumnElement[bool]:
    """Both sides took part."""
    return and_(is_contact(), col(Interaction.two_way).is_(True))


def with_key_person(shape: FeatureShape) -> ColumnElement[bool]:
    """The talk was with a sponsor, champion or decision maker of the account, present or former.

    Former ones count, because a talk with someone who has left since is not undone by their leaving; who leaves is seen
    by the silence that follows, and by the cap for champions.
    """
    return exists().where(
        col(ContactRole.account_id) == col(Interaction.account_id),
        col(ContactRole.contact_id) == col(Interaction.contact_id),
        col(ContactRole.role).in_(KEY_ROLES),
        col(ContactRole.from_on) <= _DAY,
        believed(ContactRole, shape),
    )


def _at(shape: FeatureShape, *conditions: ColumnElement[bool], first: bool = False) -> ScalarSelect[Any]:
    """The instant of the last (or first) of the account's interactions that meets ``conditions``."""
    at = col(Interaction.happened_at)
    return (
        select(epoch_seconds(at))
        .where(col(Interaction.account_id) == col(Account.id), at <= _T, believed(Interaction, shape), *conditions)
        .order_by(at if first else at.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def _fact(shape: FeatureShape, key: FactKey, value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """``value`` of the row that told a dated column of the account at ``:t``; NULL where none did."""
    fact = AccountFact
    return (
        select(value)
        .where(
            col(fact.account_id) == col(Account.id),
            col(fact.key) == key,
            col(fact.happened_at) <= _T,
            believed(fact, shape),
        )
        .order_by(col(fact.happened_at).desc(), col(fact.id).desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def _roles(shape: FeatureShape) -> Subquery:
    """Key people and champions a row an account."""
    role = col(ContactRole.role)
    active = or_(col(ContactRole.to_on).is_(None), col(ContactRole.to_on) > _DAY)
    champion = role == ContactRoleKind.CHAMPION
    found = (
        select(
            col(ContactRole.account_id),
            func.sum(case((active, 1), else_=0)).label("key_people"),
            func.count().label("key_roles"),  # ever given
            func.sum(case((and_(champion, active), 1), else_=0)).label("champions"),
            func.max(case((champion, col(ContactRole.to_on)))).label("champion_left_on"),
        )
        .where(role.in_(KEY_ROLES), col(ContactRole.from_on) <= _DAY, believed(ContactRole, shape))
        .group_by(col(ContactRole.account_id))
    )
    if shape.some:
        found = found.where(col(ContactRole.account_id).in_(bindparam("account_ids", expanding=True)))
    return found.subquery("roles")


def _tier(shape: FeatureShape) -> Any:
    now = case(TIER_CODES, value=col(Account.tier))
    if shape.live:
        return now
    codes = case({tier.value: code for tier, code in TIER_CODES.items()}, value=col(AccountFact.value))
    return func.coalesce(_fact(shape, FactKey.TIER, codes), now)


def _seats(shape: FeatureShape) -> Any:
    now: Any = col(Account.seats)
    if shape.live:
        return now
    told = case(
        (col(AccountFact.value) == "", -1), else_=cast(col(AccountFact.value), Integer)
    )  # '': not known any more
    return func.nullif(func.coalesce(_fact(shape, FactKey.SEATS, told), now), -1)


def _select(shape: FeatureShape) -> Select[Any]:
    roles = _roles(shape)
    gone = and_(roles.c.champion_left_on.is_not(None), roles.c.champions == 0)
    statement = (
        select(
            col(Account.id).label("account_id"),
            _tier(shape).label("tier"),
            _seats(shape).label("seats"),
            _at(shape, is_contact()).label("last_contact_at"),
            null().label("unsettled_at"),
            _at(shape, is_talk()).label("last_talk_at"),
            _at(shape, is_talk(), first=True).label("first_talk_at"),
            _at(shape, is_talk(), with_key_person(shape)).label("last_key_talk_at"),
            func.coalesce(roles.c.key_people, 0).label("key_people"),
            func.coalesce(roles.c.key_roles, 0).label("key_roles"),
            case((gone, 1), else_=0).label("champion_gone"),
            (epoch_seconds(case((gone, roles.c.champion_left_on))) // literal(86_400, Integer)).label("champion_left"),
        )
        .outerjoin(roles, roles.c.account_id == col(Account.id))
        .where(col(Account.closed_at).is_(None))
    )
    if shape.some:
        statement = statement.where(col(Account.id).in_(bindparam("account_ids", expanding=True)))
    return statement


def _values(context: FeatureContext) -> Mapping[str, object]:
    return {"day": context.day}


RELATIONSHIP = FeatureSet(
    key="relationship",
    features=(
        Feature("tier", "code"),
        Feature("seats", "seats"),
        Feature("last_contact_at", "instant", merge="max"),
        Feature("unsettled_at", "instant", merge="max"),  # a call for help that is no contact until it is settled
        Feature("last_talk_at", "instant"),
        Feature("first_talk_at", "instant"),
        Feature("last_key_talk_at", "instant"),
        Feature("key_people", "contacts"),
        Feature("key_roles", "roles"),
        Feature("champion_gone", "flag"),
        Feature("champion_left", "day"),
    ),
    select=_select,
    values=_values,
    whole=True,
    segment=Segment("tier", {code: tier.value for tier, code in TIER_CODES.items()}),
)
