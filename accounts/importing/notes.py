"""What a row says of a person in columns we have no name for: a note on the timeline, once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlmodel import Session, col, select

from accounts import service
from accounts.importing.contact_planning import ContactPlan
from accounts.importing.planning import Outcome
from accounts.models import Account, Channel, Contact, Direction, Interaction
from crm.viewer import Viewer

SOURCE = "import"


def settle_notes(session: Session, plans: Sequence[ContactPlan]) -> None:
    """Rows whose note is here already say nothing new; the others bring it."""
    wanted = {_key(plan): plan for plan in reversed(plans) if plan.row.notes and plan.outcome is not Outcome.REJECTED}
    if not wanted:
        return
    there = set(
        session.exec(
            select(Interaction.external_id).where(
                col(Interaction.source_key) == SOURCE, col(Interaction.external_id).in_(wanted)
            )
        )
    )
    for key, plan in wanted.items():
        if key not in there:
            plan.note = _words(plan)
            if plan.outcome is Outcome.UNCHANGED:
                plan.outcome = Outcome.UPDATED


def write_notes(session: Session, viewer: Viewer, plans: Sequence[ContactPlan]) -> None:
    for plan in plans:
        if plan.account is None or plan.known is None:
            raise LookupError("A plan that was remembered knows its contact and account.")
        service.log_interaction(
            session,
            viewer,
            session.get_one(Account, plan.account.id),
            channel=Channel.NOTE,
            direction=Direction.NONE,
            body=plan.note,
            contact=session.get_one(Contact, plan.known.id),
            source=(SOURCE, _key(plan)),
        )


def _words(plan: ContactPlan) -> str:
    return "\n".join(plan.row.notes)


def _key(plan: ContactPlan) -> str:
    """The same words about the same person at the same account are one note."""
    account, known = (plan.account.id if plan.account else 0), (plan.known.id if plan.known else 0)
    return f"note:{account}:{known}:{sha256(_words(plan).encode()).hexdigest()[:40]}"
