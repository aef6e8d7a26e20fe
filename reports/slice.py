"""What reports contribute."""

from crm.contracts import AccountAction, PaletteAction, Slice
from crm.text import N_
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
    palette_actions=(
        PaletteAction(
            "report",
            N_("Report of this account as PDF"),
            "reports.account.show",
            icon="report",
            order=50,
            needs=Capability.REPORT,
            of_account=True,
        ),
    ),
    commands=(add_commands,),
)
