"""What the accounts slice contributes."""

from __future__ import annotations

from fastapi import APIRouter

from accounts.asof import BOOK
from accounts.bulk import contributions as bulk
from accounts.calendars import contributions as calendars
from accounts.commands import add_commands
from accounts.events import ChampionBack, ChampionLeft
from accounts.family.columns import FAMILY_COLUMN
from accounts.family.routes import router as family
from accounts.finding import SEARCH_SOURCES
from accounts.goals import panels as goal_panels, report as goal_report, routes as goal_routes
from accounts.health import FEATURE_SETS, MEASURES
from accounts.importing import contributions as importing
from accounts.inbox import contributions as inbox
from accounts.invoices import panels as invoices
from accounts.listing.columns import ACCOUNT_COLUMNS
from accounts.matters_today import TODAY as MATTERS_TODAY
from accounts.moments import MOMENTS
from accounts.nps import panels as nps
from accounts.own import contributions as own
from accounts.palette import PALETTE_ACTIONS
from accounts.panels import ACCOUNT_FACTS, ACCOUNT_PANELS, INTERACTIONS
from accounts.partners.routes import router as partners
from accounts.people.routes import router as people
from accounts.plays import contributions as plays
from accounts.promises import panels as promise_panels, routes as promise_routes
from accounts.pulse import (
    columns as pulse_columns,
    panels as pulse_panels,
    routes as pulse_routes,
)
from accounts.renewals import contributions as renewals
from accounts.report import REPORT_SECTIONS
from accounts.retention.routes import router as retention
from accounts.reversals import REVERSALS
from accounts.risks import panels as risk_panels, routes as risk_routes
from accounts.risks.departures import close_risks, open_risks
from accounts.routes import router as pages
from accounts.tags.columns import TAG_COLUMNS
from accounts.tags.routes import router as tags
from accounts.tasks import contributions as tasks
from accounts.today import TODAY
from accounts.usage import columns as usage_columns, panels as usage, routes as usage_routes
from accounts.views import contributions as views
from crm.contracts import NavItem, Slice, ViewList
from crm.text import N_
from crm.viewer import Capability

router = APIRouter()
router.include_router(importing.router)
router.include_router(renewals.router)
router.include_router(retention)
router.include_router(people)
router.include_router(family)
router.include_router(partners)
for _part in (pulse_routes, risk_routes, goal_routes, promise_routes):
    router.include_router(_part.router)
router.include_router(bulk.router)
router.include_router(own.router)
router.include_router(tags)
router.include_router(views.router)
router.include_router(inbox.router)
router.include_router(calendars.router)
router.include_router(pages)
for _part in (usage_routes, nps, invoices):
    router.include_router(_part.router)
router.include_router(tasks.router)
router.include_router(plays.router)

SLICE = Slice(
    name="accounts",
    router=router,
    book=BOOK,
    nav=(
        NavItem("accounts", N_("Accounts"), "accounts.list", icon="building", order=10, on_phone=True),
        *renewals.NAV,
        NavItem("risks", N_("Risks"), "risks.index", icon="alert-triangle", order=16),
        *tasks.NAV,
        *importing.NAV,
        *own.NAV,
    ),
    phone_action=NavItem("note", N_("Note"), "accounts.notes.choose", icon="plus", order=0, needs=Capability.NOTE),
    palette_actions=PALETTE_ACTIONS,
    person_sections=(*inbox.PERSON_SECTIONS, *calendars.PERSON_SECTIONS),
    account_panels=(
        *ACCOUNT_PANELS,
        pulse_panels.PULSE,
        risk_panels.RISKS,
        goal_panels.GOALS,
        promise_panels.PROMISES,
        usage.USAGE,
        nps.NPS,
        invoices.INVOICES,
        *calendars.ACCOUNT_PANELS,
        *plays.PANELS,
    ),
    account_facts=(*ACCOUNT_FACTS, pulse_panels.PULSE_FACT, *calendars.ACCOUNT_FACTS),
    timeline_sources=(INTERACTIONS, MOMENTS, nps.TIMELINE),
    account_columns=(
        *ACCOUNT_COLUMNS,
        FAMILY_COLUMN,
        *pulse_columns.COLUMNS,
        *TAG_COLUMNS,
        *usage_columns.ACCOUNT_COLUMNS,
        *nps.ACCOUNT_COLUMNS,
        *invoices.ACCOUNT_COLUMNS,
    ),
    view_lists=(ViewList("accounts", N_("Accounts"), "accounts.list"),),
    bulk_actions=bulk.ACTIONS,
    reversals=(*REVERSALS, *views.REVERSALS),
    today=(*TODAY, *MATTERS_TODAY),
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=(*REPORT_SECTIONS, goal_report.SECTION, *own.REPORT_SECTIONS, *usage.REPORT_SECTIONS),
    search_sources=SEARCH_SOURCES,
    jobs=(*importing.JOBS, *bulk.JOBS, *inbox.JOBS, *calendars.JOBS, *plays.JOBS),
    quick=tasks.QUICK,
    account_actions=plays.ACTIONS,
    handlers=(*plays.HANDLERS, (ChampionLeft, open_risks), (ChampionBack, close_risks)),
    commands=(add_commands, *importing.COMMANDS),
    installed=bulk.installed,
)
