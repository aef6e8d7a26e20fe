"""What helpdesks' webhooks contribute."""

from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability
from support.inbound.jobs import JOBS
from support.inbound.routes import router

PART = Slice(
    name="support.inbound",
    router=router,
    settings=(
        NavItem(
            "helpdesks",
            N_("Webhooks of helpdesks"),
            "support.inbound.index",
            icon="headset",
            order=54,
            needs=Capability.MANAGE_USERS,
        ),
    ),
    jobs=JOBS,
)
