"""Goals in the account report; in the customer's edition without bands, people of ours and words for ourselves."""

from __future__ import annotations

from accounts.goals.progress import progress_of
from accounts.goals.queries import goals_of
from crm.clock import day_of
from crm.contracts import ReportSection, SectionContext
from crm.text import N_

MOST_SHOWN = 12
IN_BRIEF = 3


def load(context: SectionContext) -> dict[str, object] | None:
    customer = context.edition == "customer"
    today = day_of(context.now)
    lines = []
    for one in goals_of(context.session, context.account_id, MOST_SHOWN):
        told = [shown.evidence for shown in one.evidence if shown.evidence.for_customer or not customer]
        newest = next((evidence for evidence in told if evidence.words), None)
        latest = next((evidence.figure for evidence in told if evidence.figure is not None), None)
        lines.append(
            {
                "goal": one.goal,
                "contact": one.contact,
                "progress": progress_of(one.goal, latest, today),
                "evidence": newest,
                "outcome": "" if customer else one.goal.outcome,
            }
        )
    most = context.most(MOST_SHOWN, IN_BRIEF)
    return {"lines": lines[:most], "more": len(lines[most:]), "customer": customer} if lines else None


SECTION = ReportSection(
    "goals", N_("Goals"), "reports/sections/accounts_goals.html", load, order=15, editions=("internal", "customer")
)
