"""What this slice says in the account report: who they are, and the last talks."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select as core_select
from sqlmodel import col

from accounts.models import Channel, Contact, Interaction
from accounts.panels.people import people_of
from accounts.queries import in_words_for
from crm.contracts import ReportSection, SectionContext
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer, system_viewer

PEOPLE_SHOWN, TALKS_SHOWN = 10, 6
PEOPLE_IN_BRIEF, TALKS_IN_BRIEF = 6, 3
TALKS_WITHIN = timedelta(days=180)


def _reader(context: SectionContext) -> Viewer:
    """A report is handed on: what is private to whoever makes it stays out."""
    return context.viewer if context.for_own_use else system_viewer()


def load_people(context: SectionContext) -> dict[str, object] | None:
    most = context.most(PEOPLE_SHOWN, PEOPLE_IN_BRIEF)
    found = people_of(context.session, _reader(context), context.account_id, context.now, limit=most)
    people = [person for person in found if person.roles]
    return {"people": people} if people else None


def load_talks(context: SectionContext) -> dict[str, object] | None:
    """The last talks with the customer; notes for ourselves stay out of print."""
    rows = context.session.execute(
        core_select(Interaction, col(User.name), col(Contact.name))
        .outerjoin(User, col(User.id) == col(Interaction.author_id))
        .outerjoin(Contact, col(Contact.id) == col(Interaction.contact_id))
        .where(
            col(Interaction.account_id) == context.account_id,
            col(Interaction.closed_at).is_(None),
            col(Interaction.channel) != Channel.NOTE,
            col(Interaction.automatic).is_(False),
            col(Interaction.mass).is_(False),
            in_words_for(_reader(context)),
            col(Interaction.happened_at) <= context.now,
            col(Interaction.happened_at) > context.now - TALKS_WITHIN,
        )
        .order_by(col(Interaction.happened_at).desc(), col(Interaction.id).desc())
        .limit(context.most(TALKS_SHOWN, TALKS_IN_BRIEF))
    )
    talks = [{"talk": one, "author": author, "contact": contact} for one, author, contact in rows]
    return {"talks": talks} if talks else None


REPORT_SECTIONS = (
    ReportSection("people", N_("People"), "reports/sections/accounts_people.html", load_people, order=60),
    ReportSection("talks", N_("Last talks"), "reports/sections/accounts_talks.html", load_talks, order=70),
)
