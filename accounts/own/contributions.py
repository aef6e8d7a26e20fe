"""What own fields add to the slice of accounts."""

from accounts.own.report import OWN_SECTION
from accounts.own.routes import router
from crm.contracts import NavItem
from crm.text import N_
from crm.viewer import Capability

NAV = (
    NavItem(
        key="own_fields",
        title=N_("Own fields"),
        route="accounts.own_fields.index",
        icon="adjustments-horizontal",
        order=895,
        needs=Capability.ARRANGE,
    ),
)
REPORT_SECTIONS = (OWN_SECTION,)

__all__ = ["NAV", "REPORT_SECTIONS", "router"]
