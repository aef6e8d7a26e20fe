"""What calendars contribute."""

from accounts.calendars.jobs import JOBS
from accounts.calendars.panels import CALENDARS, MEETINGS, NEXT_MEETING
from accounts.calendars.routes import router
from crm.contracts import Slice

PART = Slice(
    name="accounts.calendars",
    router=router,
    person_sections=(CALENDARS,),
    account_panels=(MEETINGS,),
    account_facts=(NEXT_MEETING,),
    jobs=JOBS,
)
