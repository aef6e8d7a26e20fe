"""What mail in adds to the slice of accounts."""

from accounts.inbox.jobs import JOBS
from accounts.inbox.panels import MAIL
from accounts.inbox.routes import router

PERSON_SECTIONS = (MAIL,)

__all__ = ["JOBS", "PERSON_SECTIONS", "router"]
