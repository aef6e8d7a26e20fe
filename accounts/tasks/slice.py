"""What tasks contribute."""

from fastapi import APIRouter

from accounts.tasks import next_step, routes
from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability

router = APIRouter()
router.include_router(routes.router)
router.include_router(next_step.router)

PART = Slice(
    name="accounts.tasks",
    router=router,
    nav=(NavItem("tasks", N_("Tasks"), "accounts.tasks.index", icon="list-check", order=20),),
    quick=(
        NavItem(
            "new_task",
            N_("New task"),
            "accounts.tasks.new_anywhere",
            icon="plus",
            order=10,
            needs=Capability.NOTE,
            shortcut="t",
        ),
    ),
)
