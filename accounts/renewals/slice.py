"""What renewals contribute."""

from fastapi import APIRouter

from accounts.renewals.meeting import router as meeting
from accounts.renewals.routes import router as pages
from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability

router = APIRouter()
router.include_router(meeting)
router.include_router(pages)

PART = Slice(
    name="accounts.renewals",
    router=router,
    nav=(
        NavItem(
            key="renewals",
            title=N_("Renewals"),
            route="renewals.list",
            icon="refresh",
            order=15,
            needs=Capability.READ_MONEY,
        ),
    ),
)
