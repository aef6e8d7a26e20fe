"""Goals on the account page."""

from __future__ import annotations

from accounts.goals.models import GoalStatus
from accounts.goals.progress import progress_of
from accounts.goals.queries import goals_of
from crm import clock
from crm.contracts import Panel, PanelContext
from crm.text import N_

MOST_SHOWN = 20


def load(context: PanelContext) -> dict[str, object]:
    today = clock.today()
    lines = [
        (one, progress_of(one.goal, one.latest, today))
        for one in goals_of(context.session, context.account_id, MOST_SHOWN)
    ]
    return {
        "open_goals": [line for line in lines if line[0].goal.status is GoalStatus.OPEN],
        "settled_goals": [line for line in lines if line[0].goal.status is not GoalStatus.OPEN],
    }


GOALS = Panel(
    key="goals",
    title=N_("Goals"),
    template="accounts/panels/goals.html",
    load=load,
    order=12,
    place="side",
    refresh_on="account-changed",
)
