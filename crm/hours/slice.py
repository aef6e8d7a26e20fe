"""What working hours contribute: a page of the settings."""

from crm.contracts import NavItem, Slice
from crm.hours.routes import router
from crm.text import N_
from crm.viewer import Capability

SLICE = Slice(
    name="crm.hours",
    router=router,
    settings=(
        NavItem(
            "hours",
            N_("Working hours and holidays"),
            "hours.index",
            icon="clock",
            order=40,
            needs=Capability.MANAGE_TARGETS,
        ),
    ),
)
