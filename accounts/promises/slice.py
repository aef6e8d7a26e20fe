"""What promises contribute."""

from accounts.promises.panels import PROMISES
from accounts.promises.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.promises", router=router, account_panels=(PROMISES,))
