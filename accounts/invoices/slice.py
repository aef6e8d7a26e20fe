"""What invoices contribute."""

from accounts.invoices.health import FEATURE_SETS, MEASURES
from accounts.invoices.panels import ACCOUNT_COLUMNS, INVOICES, router
from crm.contracts import Slice

PART = Slice(
    name="accounts.invoices",
    router=router,
    account_panels=(INVOICES,),
    account_columns=ACCOUNT_COLUMNS,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
)
