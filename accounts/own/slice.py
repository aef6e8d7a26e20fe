"""What own fields contribute."""

from accounts.own.report import OWN_SECTION
from accounts.own.routes import router
from accounts.own.taking_back import OWN_VALUE
from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability

PART = Slice(
    name="accounts.own",
    router=router,
    nav=(
        NavItem(
            key="own_fields",
            title=N_("Own fields"),
            route="accounts.own_fields.index",
            icon="adjustments-horizontal",
            order=895,
            needs=Capability.ARRANGE,
        ),
    ),
    report_sections=(OWN_SECTION,),
    reversals=(OWN_VALUE,),
)
