"""What plays add to the slice of accounts."""

from accounts.events import AccountsChanged, ContactsChanged
from accounts.plays.jobs import DAILY_ROUND
from accounts.plays.panels import PLAYS, START
from accounts.plays.routes import router
from accounts.plays.triggers import accounts_changed, contacts_changed

PANELS = (PLAYS,)
ACTIONS = (START,)
JOBS = (DAILY_ROUND,)
HANDLERS = ((AccountsChanged, accounts_changed), (ContactsChanged, contacts_changed))

__all__ = ["ACTIONS", "HANDLERS", "JOBS", "PANELS", "router"]
