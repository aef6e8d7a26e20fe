"""What tags contribute."""

from accounts.tags.columns import TAG_COLUMNS
from accounts.tags.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.tags", router=router, account_columns=TAG_COLUMNS)
