"""The interactions and contacts behind a measure of the accounts slice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from accounts.health.features import believed, is_contact, is_talk, with_key_person
from accounts.models import Contact, ContactRole, ContactRoleKind, Interaction
from accounts.models.contact import CONTACT_ROLE_TITLES, KEY_ROLES
from accounts.models.interaction import CHANNEL_TITLES
from accounts.queries import in_words_for
from crm.contracts import FeatureContext, FeatureShape, RecordRef, RecordsContext
from crm.identity.models import User
from crm.text import N_, Text, text

_SHOWN = 5


def _shape(features: FeatureContext) -> FeatureShape:
    return FeatureShape(live=False, known=features.known_at is not None, some=True)


def _interactions(context: RecordsContext, *conditions: ColumnElement[bool]) -> Sequence[RecordRef]:
    """The latest that meet ``conditions``, with whom they were."""
    at = col(Interaction.happened_at)
    found = context.session.execute(
        select(
            col(Interaction.id),
            col(Interaction.channel),
            col(Interaction.subject),
            col(Interaction.body),
            at,
            col(Contact.name),
            in_words_for(context.viewer).label("readable"),
            col(User.name).label("author"),
        )
        .outerjoin(Contact, col(Contact.id) == col(Interaction.contact_id))
        .outerjoin(User, col(User.id) == col(Interaction.private_to))
        .where(
            col(Interaction.account_id) == context.account_id,
            at <= context.t,
            believed(Interaction, _shape(context.features)),
            *conditions,
        )
        .order_by(at.desc(), col(Interaction.id).desc())
        .limit(_SHOWN),
        {"known_at": context.features.known_at, "day": context.features.day},
    )
    return [
        RecordRef(
            kind="interaction",
            id=row.id,
            title=row.subject or row.body.strip().partition("\n")[0][:120] if row.readable else "…",
            href=f"/accounts/{context.account_id}#panel-timeline",
            at=row.happened_at,
            note=_with_whom(CHANNEL_TITLES[row.channel], row.name)
            if row.readable
            else _private(CHANNEL_TITLES[row.channel], row.author),
        )
        for row in found
    ]


def _with_whom(channel: str, name: str | None) -> Text:
    if name is None:
        return text(channel)
    return text(N_("%(channel)s with %(name)s"), channel=text(channel), name=name)


def _private(channel: str, author: str) -> Text:
    """That it took place is everybody's, what was said is not."""
    return text(N_("%(channel)s, private to %(name)s"), channel=text(channel), name=author)


def last_contacts(context: RecordsContext) -> Sequence[RecordRef]:
    return _interactions(context, is_contact())


def key_talks(context: RecordsContext) -> Sequence[RecordRef]:
    """Talks with key people; where there were none, those with anybody, and who the key people are."""
    talks = _interactions(context, is_talk(), with_key_person(_shape(context.features)))
    return [*(talks or _interactions(context, is_talk())), *_people(context, col(ContactRole.role).in_(KEY_ROLES))]


def champions(context: RecordsContext) -> Sequence[RecordRef]:
    return _people(context, col(ContactRole.role) == ContactRoleKind.CHAMPION)


def _people(context: RecordsContext, role: ColumnElement[bool]) -> Sequence[RecordRef]:
    found: Any = context.session.execute(
        select(col(Contact.id), col(Contact.name), col(ContactRole.role), col(ContactRole.to_on))
        .join(ContactRole, col(ContactRole.contact_id) == col(Contact.id))
        .where(
            col(ContactRole.account_id) == context.account_id,
            col(ContactRole.from_on) <= context.features.day,
            believed(ContactRole, _shape(context.features)),
            role,
        )
        .order_by(col(ContactRole.from_on).desc(), col(ContactRole.id).desc())
        .limit(_SHOWN),
        {"known_at": context.features.known_at},
    )
    return [
        RecordRef(
            kind="contact",
            id=row.id,
            title=row.name,
            href=f"/contacts/{row.id}",
            at=None,
            note=_since_when(CONTACT_ROLE_TITLES[row.role], row.to_on, context),
        )
        for row in found
    ]


def _since_when(role: str, to_on: Any, context: RecordsContext) -> Text:
    if to_on is not None and to_on <= context.features.day:
        return text(N_("%(role)s until %(day)s"), role=text(role), day=to_on)
    return text(role)
