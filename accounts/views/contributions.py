"""What saved views add to the slice of accounts."""

from accounts.views.routes import router
from accounts.views.service import REMOVAL

REVERSALS = (REMOVAL,)

__all__ = ["REVERSALS", "router"]
