"""What saved views contribute."""

from accounts.views.queries import SEARCH
from accounts.views.routes import router
from accounts.views.service import REMOVAL
from crm.contracts import Slice

PART = Slice(name="accounts.views", router=router, reversals=(REMOVAL,), search_sources=(SEARCH,))
