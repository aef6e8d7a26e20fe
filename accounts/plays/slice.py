"""What plays contribute."""

from accounts.events import AccountsChanged, ChampionBack, ChampionLeft, ContactsChanged
from accounts.plays.champions import champion_back, champion_left
from accounts.plays.jobs import DAILY_ROUND
from accounts.plays.many import START_BACK, START_MANY
from accounts.plays.panels import PLAYS, START
from accounts.plays.routes import router
from accounts.plays.triggers import accounts_changed, contacts_changed
from crm.contracts import Slice

PART = Slice(
    name="accounts.plays",
    router=router,
    account_panels=(PLAYS,),
    account_actions=(START,),
    bulk_actions=(START_MANY,),
    reversals=(START_BACK,),
    jobs=(DAILY_ROUND,),
    handlers=(
        (AccountsChanged, accounts_changed),
        (ContactsChanged, contacts_changed),
        (ChampionLeft, champion_left),
        (ChampionBack, champion_back),
    ),
)
