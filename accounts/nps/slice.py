"""What survey answers contribute."""

from accounts.nps.health import FEATURE_SETS, MEASURES
from accounts.nps.panels import ACCOUNT_COLUMNS, NPS, TIMELINE, router
from crm.contracts import Slice

PART = Slice(
    name="accounts.nps",
    router=router,
    account_panels=(NPS,),
    timeline_sources=(TIMELINE,),
    account_columns=ACCOUNT_COLUMNS,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
)
