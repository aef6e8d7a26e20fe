"""What this slice shows on the account page."""

from accounts.family.panel import FAMILY
from accounts.panels.contract import CONTRACT
from accounts.panels.details import DETAILS
from accounts.panels.header import ACCOUNT_FACTS
from accounts.panels.next_step import NEXT_STEP
from accounts.panels.people import PEOPLE
from accounts.panels.team import TEAM
from accounts.panels.timeline import INTERACTIONS, TIMELINE

ACCOUNT_PANELS = (NEXT_STEP, TIMELINE, PEOPLE, CONTRACT, TEAM, FAMILY, DETAILS)

__all__ = ["ACCOUNT_FACTS", "ACCOUNT_PANELS", "INTERACTIONS"]
