"""What goals contribute."""

from accounts.goals.panels import GOALS
from accounts.goals.report import SECTION
from accounts.goals.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.goals", router=router, account_panels=(GOALS,), report_sections=(SECTION,))
