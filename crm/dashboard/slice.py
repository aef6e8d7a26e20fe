"""What the ranked day contributes."""

from fastapi import APIRouter

from crm.contracts import NavItem, Slice
from crm.dashboard.digest.jobs import JOBS, use_registry
from crm.dashboard.digest.panels import DIGEST
from crm.dashboard.digest.routes import router as digest
from crm.dashboard.routes import router as today
from crm.text import N_

router = APIRouter()
router.include_router(today)
router.include_router(digest)

SLICE = Slice(
    name="crm.dashboard",
    router=router,
    nav=(NavItem("today", N_("Today"), "dashboard.today", icon="home", order=0, on_phone=True),),
    person_sections=(DIGEST,),
    jobs=JOBS,
    installed=use_registry,
)
