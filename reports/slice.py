"""What reports contribute."""

from crm.contracts import AccountAction, Slice
from crm.viewer import Capability
from reports.commands import add_commands
from reports.routes import router

SLICE = Slice(
    name="reports",
    router=router,
    account_actions=(
        AccountAction("brief", "reports/_brief_action.html", order=15),
        AccountAction("report", "reports/_action.html", order=20, needs=Capability.REPORT),
    ),
    commands=(add_commands,),
)
