"""Identity's contribution: sign-in, people, preferences, search."""

from crm.contracts import NavItem, PaletteAction, Slice
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
    palette_actions=(PaletteAction("me", N_("About me"), "identity.me.show", icon="user", order=190),),
    jobs=(TIDY,),
)
