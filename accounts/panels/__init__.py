"""What this slice shows on the account page."""

from accounts.panels.contract import CONTRACT
from accounts.panels.details import DETAILS
from accounts.panels.header import ACCOUNT_FACTS
from accounts.panels.next_step import NEXT_STEP
from accounts.panels.people import PEOPLE
from accounts.panels.team import TEAM
from accounts.panels.timeline import INTERACTIONS, TIMELINE

__all__ = ["ACCOUNT_FACTS", "CONTRACT", "DETAILS", "INTERACTIONS", "NEXT_STEP", "PEOPLE", "TEAM", "TIMELINE"]
