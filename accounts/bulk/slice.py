"""What changes of many accounts contribute."""

from accounts.bulk.actions import BULK_ACTIONS
from accounts.bulk.jobs import CHANGE_ACCOUNTS, FORGET_BULK, installed
from accounts.bulk.routes import router
from crm.contracts import Slice

PART = Slice(
    name="accounts.bulk",
    router=router,
    bulk_actions=BULK_ACTIONS,
    jobs=(CHANGE_ACCOUNTS, FORGET_BULK),
    installed=installed,
)
