"""What changes of many accounts add to the slice of accounts."""

from accounts.bulk.actions import BULK_ACTIONS as ACTIONS
from accounts.bulk.jobs import CHANGE_ACCOUNTS, FORGET_BULK, installed
from accounts.bulk.routes import router

JOBS = (CHANGE_ACCOUNTS, FORGET_BULK)

__all__ = ["ACTIONS", "JOBS", "installed", "router"]
