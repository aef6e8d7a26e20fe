"""What the import contributes."""

from accounts.importing.commands import add_commands
from accounts.importing.jobs import FORGET_UPLOADS, IMPORT_ROWS
from accounts.importing.routes import router
from accounts.importing.targets import KIND_TITLES
from crm.contracts import ImportDoor, NavItem, Slice
from crm.text import N_
from crm.viewer import Capability

PART = Slice(
    name="accounts.importing",
    router=router,
    nav=(
        NavItem(
            key="imports",
            title=N_("Import"),
            route="accounts.import.new",
            icon="upload",
            order=890,
            needs=Capability.IMPORT,
        ),
    ),
    import_doors=(
        ImportDoor(
            key="accounts",
            title=N_("Accounts"),
            route="accounts.import.new",
            show="accounts.import.show",
            kinds={kind.value: title for kind, title in KIND_TITLES.items()},
            order=10,
        ),
    ),
    jobs=(IMPORT_ROWS, FORGET_UPLOADS),
    commands=(add_commands,),
)
