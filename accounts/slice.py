"""What the accounts slice contributes."""

from __future__ import annotations

from fastapi import APIRouter

from accounts.asof import BOOK
from accounts.calendars import contributions as calendars
from accounts.commands import add_commands
from accounts.finding import SEARCH_SOURCES
from accounts.health import FEATURE_SETS, MEASURES
from accounts.importing import contributions as importing
from accounts.inbox import contributions as inbox
from accounts.listing.columns import ACCOUNT_COLUMNS
from accounts.panels import ACCOUNT_FACTS, ACCOUNT_PANELS, INTERACTIONS
from accounts.report import REPORT_SECTIONS
from accounts.routes import router as pages
from accounts.today import TODAY
from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability

router = APIRouter()
router.include_router(importing.router)
router.include_router(inbox.router)
router.include_router(calendars.router)
router.include_router(pages)

SLICE = Slice(
    name="accounts",
    router=router,
    book=BOOK,
    nav=(
        NavItem("accounts", N_("Accounts"), "accounts.list", icon="building", order=10, on_phone=True),
        NavItem("tasks", N_("Tasks"), "accounts.tasks.index", icon="list-check", order=20),
        *importing.NAV,
    ),
    phone_action=NavItem("note", N_("Note"), "accounts.notes.choose", icon="plus", order=0, needs=Capability.NOTE),
    person_sections=(*inbox.PERSON_SECTIONS, *calendars.PERSON_SECTIONS),
    account_panels=(*ACCOUNT_PANELS, *calendars.ACCOUNT_PANELS),
    account_facts=(*ACCOUNT_FACTS, *calendars.ACCOUNT_FACTS),
    timeline_sources=(INTERACTIONS,),
    account_columns=ACCOUNT_COLUMNS,
    today=TODAY,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=REPORT_SECTIONS,
    search_sources=SEARCH_SOURCES,
    jobs=(*importing.JOBS, *inbox.JOBS, *calendars.JOBS),
    commands=(add_commands, *importing.COMMANDS),
)
