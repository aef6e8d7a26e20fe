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
from crm.errors import Conflict, Forbidden, Invalid, NotFound
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
    private: bool = False,
    answers: bool = False,
    source: tuple[str, str] | None = None,
) -> Interaction:
    """A talk, mail or note that ``actor`` writes down; ``happened_at``: by default now.

    ``private``: its words are the actor's until shared. ``answers``: it answers what the other side wrote, so that both
    took part. ``source``: where it came from by itself, and its id there; the same comes once.
    """
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
        two_way=is_two_way(channel, direction, automatic=automatic, mass=mass)
        or (answers and channel is not Channel.NOTE and not automatic and not mass),
        automatic=automatic,
        mass=mass,
        subject=subject.strip(),
        body=body.strip(),
        duration_minutes=duration_minutes,
        source_key=source[0] if source else None,
        external_id=source[1] if source else None,
        happened_at=at,
        private_to=actor.user_id if private and not actor.is_system else None,
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
    source, interaction.external_id = _source_of(interaction), None  # the same mail never comes a second time
    session.flush()
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
        answers=interaction.two_way and not is_two_way(interaction.channel, interaction.direction),
        source=source,
    )
    right.private_to = interaction.private_to
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


def share_interaction(
    session: Session, actor: Viewer, account: Account, interaction: Interaction, *, shared: bool
) -> None:
    """Show a private talk to everybody who reads the account, or hide it again: its author, and nobody else."""
    ensure_may_note(actor)
    if interaction.author_id is None or interaction.author_id != actor.user_id:
        raise Forbidden(N_("Who wrote it decides who else reads it; please ask them."))
    if interaction.closed_at is not None:
        raise Conflict(N_("That entry was corrected or taken back already."))

    interaction.private_to = None if shared else actor.user_id
    verb = "interaction.shared" if shared else "interaction.hidden"
    record(session, actor, account.id, verb, interaction=str(interaction.id))


def _source_of(interaction: Interaction) -> tuple[str, str] | None:
    if interaction.source_key is None or interaction.external_id is None:
        return None
    return interaction.source_key, interaction.external_id


def _ensure_may_correct(session: Session, actor: Viewer, account: Account, interaction: Interaction) -> None:
    ensure_may_note(actor)
    if interaction.is_hidden_from(actor.user_id):
        raise NotFound(N_("That entry is no longer there."))
    if interaction.author_id is None or interaction.author_id != actor.user_id:
        ensure_may_arrange(session, actor, account)
    if interaction.closed_at is not None:
        raise Conflict(N_("That entry was corrected or taken back already."))


def _is_contact_of(session: Session, contact: Contact, account: Account) -> bool:
    link = select(ContactAccount.id).where(
        col(ContactAccount.contact_id) == contact.id, col(ContactAccount.account_id) == account.id
    )
    return session.exec(link).first() is not None
