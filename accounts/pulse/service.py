"""Saying how an account stands, and taking that back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from accounts.events import AccountsChanged, tell
from accounts.models import Account
from accounts.pulse.models import Pulse, PulseColour, dated
from accounts.rights import ensure_may_arrange, ensure_may_change
from crm.audit import record
from crm.clock import now
from crm.errors import Conflict, Invalid
from crm.text import N_, text
from crm.viewer import Viewer


def set_pulse(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    colour: PulseColour,
    sentence: str = "",
    happened_at: datetime | None = None,
) -> Pulse:
    """The same colour again is a pulse of its own: somebody has looked and still thinks so."""
    ensure_may_change(session, actor, account)
    sentence = " ".join(sentence.split())
    if not sentence and colour is not PulseColour.GREEN:
        raise Invalid(N_("Say in one sentence why it is %(colour)s."), colour=text(colour.words))

    pulse = Pulse(
        account_id=account.id,
        colour=colour,
        sentence=sentence,
        set_by=None if actor.is_system else actor.user_id,
        **dated(happened_at or now()),
    )
    session.add(pulse)
    session.flush()
    record(session, actor, account.id, "pulse.set", pulse=str(pulse.id), colour=colour, sentence=sentence)
    tell(session, AccountsChanged, [account.id])
    return pulse


def take_back_pulse(session: Session, actor: Viewer, account: Account, pulse: Pulse) -> None:
    """It was said by mistake; what was said before counts again."""
    if pulse.set_by != actor.user_id:
        ensure_may_arrange(session, actor, account)
    else:
        ensure_may_change(session, actor, account)
    if pulse.closed_at is not None:
        raise Conflict(N_("That pulse was taken back already."))

    pulse.closed_at = now()
    session.add(pulse)
    record(session, actor, account.id, "pulse.taken_back", pulse=str(pulse.id), colour=pulse.colour)
    tell(session, AccountsChanged, [account.id])
