"""What was said on every channel; a correction closes the row and adds another."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from accounts.events import InteractionsChanged, tell
from accounts.models import Account, Channel, Contact, ContactAccount, Direction, Interaction
from accounts.models.interaction import SPOKEN
from accounts.rights import ensure_may_arrange, ensure_may_note
from accounts.service.sources import touch_by_hand
from crm.audit import record
from crm.clock import now
from crm.errors import Conflict, Invalid
from crm.text import N_
from crm.viewer import Viewer


def is_two_way(channel: Channel, direction: Direction, *, automatic: bool = False, mass: bool = False) -> bool:
    """Both sides took part: those who call or meet speak with each other, a mail or chat only when answered."""
    if channel is Channel.NOTE or automatic or mass:
        return False
    return channel in SPOKEN or direction is Direction.BOTH


def log_interaction(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    channel: Channel,
    direction: Direction,
    body: str,
    subject: str = "",
    contact: Contact | None = None,
    happened_at: datetime | None = None,
    duration_minutes: int | None = None,
    automatic: bool = False,
    mass: bool = False,
) -> Interaction:
    """A talk, mail or note that ``actor`` writes down; ``happened_at``: by default now."""
    ensure_may_note(actor)
    at = happened_at or now()
    if at > now():
        raise Invalid(N_("That lies ahead; write a talk down after it took place."))
    if not body.strip() and not subject.strip():
        raise Invalid(N_("Please write what was said."))
    if contact is not None and not _is_contact_of(session, contact, account):
        raise Conflict(N_("%(contact)s is not a contact of %(account)s."), contact=contact.name, account=account.name)
    if channel is Channel.NOTE:
        direction = Direction.NONE

    interaction = Interaction(
        account_id=account.id,
        contact_id=contact.id if contact else None,
        author_id=None if actor.is_system else actor.user_id,
        channel=channel,
        direction=direction,
        two_way=is_two_way(channel, direction, automatic=automatic, mass=mass),
        automatic=automatic,
        mass=mass,
        subject=subject.strip(),
        body=body.strip(),
        duration_minutes=duration_minutes,
        happened_at=at,
    )
    session.add(interaction)
    session.flush()
    touch_by_hand(session, at)
    record(session, actor, account.id, "interaction.logged", interaction=str(interaction.id), channel=channel)
    tell(session, InteractionsChanged, [account.id])
    return interaction


def close_interaction(
    session: Session, actor: Viewer, account: Account, interaction: Interaction, *, reason: str = ""
) -> None:
    """It was a mistake: no longer shown or counted, still kept. Its author may, or who has the account in hand."""
    _ensure_may_correct(session, actor, account, interaction)
    interaction.closed_at = now()
    record(session, actor, account.id, "interaction.closed", interaction=str(interaction.id), reason=reason)
    tell(session, InteractionsChanged, [account.id])


def correct_interaction(
    session: Session,
    actor: Viewer,
    account: Account,
    interaction: Interaction,
    *,
    channel: Channel,
    direction: Direction,
    body: str,
    contact: Contact | None,
    happened_at: datetime | None = None,
) -> Interaction:
    """The row as it should have been, beside the closed one."""
    _ensure_may_correct(session, actor, account, interaction)
    interaction.closed_at = now()
    right = log_interaction(
        session,
        actor,
        account,
        channel=channel,
        direction=direction,
        body=body,
        subject=interaction.subject,
        contact=contact,
        happened_at=happened_at or interaction.happened_at,
        duration_minutes=interaction.duration_minutes,
    )
    right.author_id = interaction.author_id
    record(
        session,
        actor,
        account.id,
        "interaction.corrected",
        interaction=str(right.id),
        instead_of=str(interaction.id),
    )
    return right


def _ensure_may_correct(session: Session, actor: Viewer, account: Account, interaction: Interaction) -> None:
    ensure_may_note(actor)
    if interaction.author_id is None or interaction.author_id != actor.user_id:
        ensure_may_arrange(session, actor, account)
    if interaction.closed_at is not None:
        raise Conflict(N_("That entry was corrected or taken back already."))


def _is_contact_of(session: Session, contact: Contact, account: Account) -> bool:
    link = select(ContactAccount.id).where(
        col(ContactAccount.contact_id) == contact.id, col(ContactAccount.account_id) == account.id
    )
    return session.exec(link).first() is not None
