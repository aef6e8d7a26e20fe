"""Identity's contribution: sign-in, people, preferences, search."""

from crm.contracts import NavItem, Slice
from crm.identity.jobs import TIDY
from crm.identity.routes import router
from crm.text import N_
from crm.viewer import Capability

SLICE = Slice(
    name="crm.identity",
    router=router,
    nav=(
        NavItem(
            key="settings",
            title=N_("Settings"),
            route="identity.users.index",
            icon="settings",
            order=900,
            needs=Capability.MANAGE_USERS,
        ),
    ),
    jobs=(TIDY,),
)
