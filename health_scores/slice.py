"""What health contributes."""

from accounts.events import AccountsChanged, ContactsChanged, InteractionsChanged, SignalsChanged
from crm.contracts import PaletteAction, Slice
from crm.text import N_
from health_scores.bands import BANDS
from health_scores.board import install
from health_scores.columns import ACCOUNT_COLUMNS
from health_scores.commands import add_commands
from health_scores.handlers import bring_up_to_date
from health_scores.jobs import JOBS
from health_scores.panels import HEALTH_FACT, WHY
from health_scores.report import REPORT_SECTIONS
from health_scores.routes import router
from health_scores.today import TODAY
from support.events import TicketsChanged

SLICE = Slice(
    name="health_scores",
    router=router,
    bands=BANDS,
    account_panels=(WHY,),
    account_facts=(HEALTH_FACT,),
    palette_actions=(
        PaletteAction(
            "ledger", N_("Health: ledger and history"), "health.show", "activity-heartbeat", order=40, of_account=True
        ),
    ),
    account_columns=ACCOUNT_COLUMNS,
    today=TODAY,
    report_sections=REPORT_SECTIONS,
    jobs=JOBS,
    handlers=tuple(
        (fact, bring_up_to_date)
        for fact in (AccountsChanged, InteractionsChanged, ContactsChanged, SignalsChanged, TicketsChanged)
    ),
    commands=(add_commands,),
    installed=install,
)
