"""What parents and subsidiaries contribute."""

from accounts.family.columns import FAMILY_COLUMN
from accounts.family.routes import router
from crm.contracts import Slice

PART = Slice(name="accounts.family", router=router, account_columns=(FAMILY_COLUMN,))
