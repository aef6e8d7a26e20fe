"""What the import of support histories contributes."""

from crm.contracts import ImportDoor, Slice
from crm.text import N_
from support.importing.queries import told_of
from support.importing.routes import router
from support.importing.running import KIND

PART = Slice(
    name="support.importing",
    router=router,
    import_doors=(
        ImportDoor(
            key="tickets",
            title=N_("Support history"),
            route="support.import.new",
            show="support.import.show",
            kinds={KIND: N_("Tickets")},
            order=20,
            told=told_of,
        ),
    ),
)
