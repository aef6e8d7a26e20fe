"""What the ranked day contributes."""

from crm.contracts import NavItem, Slice
from crm.dashboard.routes import router
from crm.text import N_

SLICE = Slice(
    name="crm.dashboard",
    router=router,
    nav=(NavItem("today", N_("Today"), "dashboard.today", icon="home", order=0, on_phone=True),),
)
