"""What the accounts slice contributes: its own core, and a part for each of its nouns."""

from __future__ import annotations

import accounts.bulk.slice
import accounts.calendars.slice
import accounts.family.slice
import accounts.goals.slice
import accounts.importing.slice
import accounts.inbox.slice
import accounts.invoices.slice
import accounts.nps.slice
import accounts.own.slice
import accounts.partners.slice
import accounts.people.slice
import accounts.plays.slice
import accounts.promises.slice
import accounts.pulse.slice
import accounts.renewals.slice
import accounts.retention.slice
import accounts.risks.slice
import accounts.tags.slice
import accounts.tasks.slice
import accounts.usage.slice
import accounts.views.slice
from accounts.asof import BOOK
from accounts.commands import add_commands
from accounts.finding import SEARCH_SOURCES
from accounts.health import FEATURE_SETS, MEASURES
from accounts.listing.columns import ACCOUNT_COLUMNS
from accounts.listing.counting import count_queries
from accounts.matters_today import TODAY as MATTERS_TODAY
from accounts.moments import MOMENTS
from accounts.palette import PALETTE_ACTIONS
from accounts.panels import ACCOUNT_FACTS, ACCOUNT_PANELS, INTERACTIONS
from accounts.report import REPORT_SECTIONS
from accounts.reversals import REVERSALS
from accounts.routes import router
from accounts.today import TODAY
from crm.contracts import NavItem, Slice, ViewList
from crm.text import N_
from crm.viewer import Capability

SLICE = Slice(
    name="accounts",
    router=router,
    parts=(
        accounts.importing.slice.PART,
        accounts.renewals.slice.PART,
        accounts.retention.slice.PART,
        accounts.people.slice.PART,
        accounts.family.slice.PART,
        accounts.partners.slice.PART,
        accounts.pulse.slice.PART,
        accounts.risks.slice.PART,
        accounts.goals.slice.PART,
        accounts.promises.slice.PART,
        accounts.tasks.slice.PART,
        accounts.plays.slice.PART,
        accounts.usage.slice.PART,
        accounts.nps.slice.PART,
        accounts.invoices.slice.PART,
        accounts.inbox.slice.PART,
        accounts.calendars.slice.PART,
        accounts.views.slice.PART,
        accounts.bulk.slice.PART,
        accounts.tags.slice.PART,
        accounts.own.slice.PART,
    ),
    book=BOOK,
    nav=(NavItem("accounts", N_("Accounts"), "accounts.list", icon="building", order=10, on_phone=True),),
    phone_action=NavItem(
        "note", N_("Note"), "accounts.notes.new_anywhere", icon="plus", order=0, needs=Capability.NOTE
    ),
    quick=(
        NavItem(
            "new_note",
            N_("New note"),
            "accounts.notes.new_anywhere",
            icon="note",
            order=5,
            needs=Capability.NOTE,
            shortcut="n",
        ),
    ),
    palette_actions=PALETTE_ACTIONS,
    account_panels=ACCOUNT_PANELS,
    account_facts=ACCOUNT_FACTS,
    timeline_sources=(INTERACTIONS, MOMENTS),
    account_columns=ACCOUNT_COLUMNS,
    view_lists=(ViewList("accounts", N_("Accounts"), "accounts.list", count_queries),),
    reversals=REVERSALS,
    today=(*TODAY, *MATTERS_TODAY),
    feature_sets=FEATURE_SETS,
    measures=MEASURES,
    report_sections=REPORT_SECTIONS,
    search_sources=SEARCH_SOURCES,
    commands=(add_commands,),
)
