"""Health on the account page: the score in the title line, and why it is what it is."""

from __future__ import annotations

from crm.contracts import AccountFact, Panel, PanelContext
from health_scores.board import board
from health_scores.queries import Standing, standing_of
from health_scores.view import shown_lines, shown_unknown

REASONS = 3
_STANDING = "health_scores.standing"


def _standing(context: PanelContext) -> Standing | None:
    """Read once a page: the title line and the panel speak of the same row."""
    if _STANDING not in context.shared:
        context.shared[_STANDING] = standing_of(context.session, context.account_id)
    found: Standing | None = context.shared[_STANDING]
    return found


def load_title(context: PanelContext) -> Standing | None:
    return _standing(context)


def load_why(context: PanelContext) -> dict[str, object] | None:
    standing = _standing(context)
    if standing is None:
        return None
    lines = shown_lines(standing, board())
    return {
        "standing": standing,
        "lines": lines,
        "reasons": [line for line in lines if line.points < 0][:REASONS],
        "unknown": shown_unknown(standing, board()),
    }


HEALTH_FACT = AccountFact("health", load_title, order=0, place="title", template="health_scores/_title_fact.html")

WHY = Panel(
    key="health",
    title="",  # the template draws its own: "Why 38"
    template="health_scores/_panel.html",
    load=load_why,
    order=10,
    refresh_on="interactions-changed, contacts-changed, account-changed, tickets-changed, health-changed",
)

__all__ = ["HEALTH_FACT", "WHY"]
