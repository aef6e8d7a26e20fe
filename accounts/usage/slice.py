"""What usage contributes."""

from accounts.usage.columns import ACCOUNT_COLUMNS
from accounts.usage.panels import REPORT_SECTIONS, USAGE
from accounts.usage.routes import router
from crm.contracts import Slice

PART = Slice(
    name="accounts.usage",
    router=router,
    account_panels=(USAGE,),
    account_columns=ACCOUNT_COLUMNS,
    report_sections=REPORT_SECTIONS,
)
