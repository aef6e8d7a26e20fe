"""What invoices contribute."""

from accounts.invoices.panels import ACCOUNT_COLUMNS, INVOICES, router
from crm.contracts import Slice

PART = Slice(name="accounts.invoices", router=router, account_panels=(INVOICES,), account_columns=ACCOUNT_COLUMNS)
