"""What the accounts slice contributes."""

from __future__ import annotations

from fastapi import APIRouter

from accounts.asof import BOOK
from accounts.bulk import contributions as bulk
from accounts.commands import add_commands
from accounts.finding import SEARCH_SOURCES
from accounts.health import FEATURE_SETS, MEASURES
from accounts.importing import contributions as importing
from accounts.listing.columns import ACCOUNT_COLUMNS
from accounts.own import contributions as own
from accounts.panels import ACCOUNT_FACTS, ACCOUNT_PANELS, INTERACTIONS
from accounts.report import REPORT_SECTIONS
from accounts.reversals import REVERSALS
from accounts.routes import router as pages
from accounts.tags.columns import TAG_COLUMNS
from accounts.tags.routes import router as tags
from accounts.today import TODAY
from accounts.views import contributions as views
from crm.contracts import NavItem, Slice, ViewList
from crm.text import N_
from crm.viewer import Capability

router = APIRouter()
router.include_router(importing.router)
router.include_router(bulk.router)
router.include_router(own.router)
router.include_router(tags)
router.include_router(views.router)
router.include_router(pages)

SLICE = Slice(
    name="accounts",
    router=router,
    book=BOOK,
    nav=(
        NavItem("accounts", N_("Accounts"), "accounts.list", icon="building", order=10, on_phone=True),
        NavItem("tasks", N_("Tasks"), "accounts.tasks.index", icon="list-check", order=20),
        *importing.NAV,
        *own.NAV,
    ),
    phone_action=NavItem("note", N_("Note"), "accounts.notes.choose", icon="plus", order=0, needs=Capability.NOTE),
    account_panels=ACCOUNT_PANELS,
    account_facts=ACCOUNT_FACTS,
    timeline_sources=(INTERACTIONS,),
    account_columns=(*ACCOUNT_COLUMNS, *TAG_COLUMNS),
    view_lists=(ViewList("accounts", N_("Accounts"), "accounts.list"),),
    bulk_actions=bulk.ACTIONS,
    reversals=(*REVERSALS, *views.REVERSALS),
    today=TODAY,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=(*REPORT_SECTIONS, *own.REPORT_SECTIONS),
    search_sources=SEARCH_SOURCES,
    jobs=(*importing.JOBS, *bulk.JOBS),
    commands=(add_commands, *importing.COMMANDS),
    installed=bulk.installed,
)
