"""What people contribute."""

from accounts.people.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.people", router=router)
