"""What mail that comes in contributes."""

from accounts.inbox.jobs import JOBS
from accounts.inbox.panels import MAIL
from accounts.inbox.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.inbox", router=router, person_sections=(MAIL,), jobs=JOBS)
