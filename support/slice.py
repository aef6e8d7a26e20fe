"""What the support slice contributes."""

from __future__ import annotations

from accounts.events import ContactsMerged, ContactsParted
from crm.contracts import NavItem, Slice
from crm.text import N_
from support.columns import ACCOUNT_COLUMNS
from support.finding import SEARCH_SOURCES
from support.health import FEATURE_SETS, MEASURES
from support.importing.commands import add_commands
from support.inbound.slice import PART as INBOUND
from support.intake.slice import PART as INTAKE
from support.moving import follow_merge, follow_parting
from support.panels import TICKETS, TIMELINE
from support.report import REPORT_SECTIONS
from support.routes import router
from support.today import TODAY
from support.wishes.slice import PART as WISHES

SLICE = Slice(
    name="support",
    router=router,
    nav=(NavItem("tickets", N_("Tickets"), "support.tickets.list", icon="ticket", order=30, on_phone=True),),
    account_panels=(TICKETS,),
    timeline_sources=(TIMELINE,),
    account_columns=ACCOUNT_COLUMNS,
    today=TODAY,
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=REPORT_SECTIONS,
    search_sources=SEARCH_SOURCES,
    handlers=((ContactsMerged, follow_merge), (ContactsParted, follow_parting)),
    commands=(add_commands,),
    parts=(WISHES, INTAKE, INBOUND),
)
