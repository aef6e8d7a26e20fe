"""What usage contributes."""

from accounts.usage.columns import ACCOUNT_COLUMNS
from accounts.usage.health import FEATURE_SETS, MEASURES
from accounts.usage.panels import REPORT_SECTIONS, USAGE
from accounts.usage.routes import router
from crm.contracts import Slice

PART = Slice(
    name="accounts.usage",
    router=router,
    account_panels=(USAGE,),
    account_columns=ACCOUNT_COLUMNS,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=REPORT_SECTIONS,
)
