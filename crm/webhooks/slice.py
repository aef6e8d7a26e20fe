"""Webhooks' contribution: a page of the settings, and the jobs."""

from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability
from crm.webhooks.jobs import JOBS
from crm.webhooks.routes import router

SLICE = Slice(
    name="crm.webhooks",
    router=router,
    settings=(
        NavItem(
            "webhooks",
            N_("Webhooks for chat tools"),
            "webhooks.index",
            icon="webhook",
            order=50,
            needs=Capability.MANAGE_USERS,
        ),
    ),
    jobs=JOBS,
)
