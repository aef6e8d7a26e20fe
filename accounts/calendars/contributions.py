"""What calendars add to the slice of accounts."""

from accounts.calendars.jobs import JOBS
from accounts.calendars.panels import CALENDARS, MEETINGS, NEXT_MEETING
from accounts.calendars.routes import router

ACCOUNT_PANELS = (MEETINGS,)
ACCOUNT_FACTS = (NEXT_MEETING,)
PERSON_SECTIONS = (CALENDARS,)

__all__ = ["ACCOUNT_FACTS", "ACCOUNT_PANELS", "JOBS", "PERSON_SECTIONS", "router"]
