"""What health contributes."""

from accounts.events import AccountsChanged, ContactsChanged, InteractionsChanged
from crm.contracts import Slice
from health_scores.board import install
from health_scores.handlers import bring_up_to_date
from health_scores.jobs import JOBS
from support.events import TicketsChanged

SLICE = Slice(
    name="health_scores",
    jobs=JOBS,
    handlers=tuple(
        (fact, bring_up_to_date) for fact in (AccountsChanged, InteractionsChanged, ContactsChanged, TicketsChanged)
    ),
    installed=install,
)
