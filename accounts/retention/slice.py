"""What retention contributes."""

from accounts.retention.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.retention", router=router)
