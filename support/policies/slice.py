"""What service policies contribute."""

from accounts.events import AccountsChanged
from crm.contracts import NavItem, Slice
from crm.hours.events import WorkingHoursChanged
from crm.text import N_
from crm.viewer import Capability
from support.anew import CLOCKS_ANEW, follow_hours, follow_tiers
from support.policies.routes import router

PART = Slice(
    name="support.policies",
    router=router,
    nav=(
        NavItem(
            key="service_targets",
            title=N_("Service targets"),
            route="support.targets.index",
            icon="target",
            order=894,
            needs=Capability.MANAGE_TARGETS,
        ),
    ),
    jobs=(CLOCKS_ANEW,),
    handlers=((WorkingHoursChanged, follow_hours), (AccountsChanged, follow_tiers)),
)
