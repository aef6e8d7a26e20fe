"""What the support slice contributes."""

from __future__ import annotations

from accounts.events import ContactsMerged, ContactsParted
from crm.contracts import NavItem, Slice
from crm.text import N_
from crm.viewer import Capability
from support.board_routes import router as boards
from support.columns import ACCOUNT_COLUMNS
from support.finding import SEARCH_SOURCES
from support.health import FEATURE_SETS, MEASURES
from support.importing.commands import add_commands
from support.importing.jobs import JOBS
from support.importing.slice import PART as IMPORTING
from support.inbound.slice import PART as INBOUND
from support.intake.slice import PART as INTAKE
from support.moving import follow_merge, follow_parting
from support.news import TELL_URGENT_LATE
from support.panels import TICKETS, TIMELINE
from support.policies.slice import PART as POLICIES
from support.report import REPORT_SECTIONS
from support.routes import router
from support.today import TODAY
from support.wishes.slice import PART as WISHES

BOARDS = Slice(name="support.boards", router=boards)


SLICE = Slice(
    name="support",
    router=router,
    nav=(
        NavItem("tickets", N_("Tickets"), "support.tickets.list", icon="ticket", order=30, on_phone=True),
        NavItem(
            "on_time",
            N_("On time"),
            "support.on_time",
            icon="clock-exclamation",
            order=31,
            needs=Capability.MANAGE_TARGETS,
        ),
    ),
    account_panels=(TICKETS,),
    timeline_sources=(TIMELINE,),
    account_columns=ACCOUNT_COLUMNS,
    today=TODAY,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=REPORT_SECTIONS,
    search_sources=SEARCH_SOURCES,
    handlers=((ContactsMerged, follow_merge), (ContactsParted, follow_parting)),
    jobs=(*JOBS, TELL_URGENT_LATE),
    commands=(add_commands,),
    parts=(POLICIES, BOARDS, WISHES, INTAKE, INBOUND, IMPORTING),
)
