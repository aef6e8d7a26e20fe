"""What the import adds to the slice of accounts."""

from accounts.importing.commands import add_commands
from accounts.importing.jobs import FORGET_UPLOADS, IMPORT_ROWS
from accounts.importing.routes import router
from crm.contracts import NavItem
from crm.text import N_
from crm.viewer import Capability

NAV = (
    NavItem(
        key="imports",
        title=N_("Import"),
        route="accounts.import.new",
        icon="upload",
        order=890,
        needs=Capability.IMPORT,
    ),
)
JOBS = (IMPORT_ROWS, FORGET_UPLOADS)
COMMANDS = (add_commands,)

__all__ = ["COMMANDS", "JOBS", "NAV", "router"]
