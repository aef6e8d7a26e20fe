"""What is to come with an account, and a person's own calendars on "About me"."""

from __future__ import annotations

from accounts.calendars.queries import MeetingLine, coming_meetings, feeds_of
from accounts.calendars.routes import own_address
from accounts.panels.context import account_of
from crm.contracts import AccountFact, Panel, PanelContext, PersonContext, PersonSection
from crm.i18n.write import Moment
from crm.text import N_, Text, text
from crm.viewer import Capability

_COMING = "accounts.meetings"


def coming(context: PanelContext) -> list[MeetingLine]:
    """Once a page, for the fact in the header and the panel."""
    found: list[MeetingLine] | None = context.shared.get(_COMING)
    if found is None:
        found = coming_meetings(context.session, context.viewer, account_of(context), context.now)
        context.shared[_COMING] = found
    return found


def load(context: PanelContext) -> dict[str, object] | None:
    found = coming(context)
    return {"meetings": found} if found else None


def next_meeting(context: PanelContext) -> Text | None:
    found = coming(context)
    return text(N_("next meeting %(day)s"), day=Moment(found[0].starts_at)) if found else None


MEETINGS = Panel(
    key="meetings",
    title=N_("Meetings"),
    template="accounts/panels/meetings.html",
    load=load,
    order=5,
    place="side",
)
NEXT_MEETING = AccountFact("next_meeting", next_meeting, order=45)


def load_own(context: PersonContext) -> dict[str, object] | None:
    if not context.viewer.may(Capability.NOTE):
        return None
    return {
        "feeds": feeds_of(context.session, context.viewer.user_id),
        "address": own_address(context.session, context.viewer),
    }


CALENDARS = PersonSection("calendars", N_("Calendars"), "accounts/calendars/_me.html", load_own, order=20)
