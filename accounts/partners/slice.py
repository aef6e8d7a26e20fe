"""What domains of partners contribute."""

from accounts.partners.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.partners", router=router)
