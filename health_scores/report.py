"""What health says in the account report."""

from __future__ import annotations

from crm.contracts import ReportSection, SectionContext
from crm.text import N_
from health_scores.board import board
from health_scores.queries import standing_of
from health_scores.view import shown_lines, shown_unknown


def load_why(context: SectionContext) -> dict[str, object] | None:
    standing = standing_of(context.session, context.account_id)
    if standing is None:
        return None
    return {
        "standing": standing,
        "lines": shown_lines(standing, board()),
        "unknown": shown_unknown(standing, board()),
    }


REPORT_SECTIONS = (
    ReportSection("health", N_("Why the score"), "reports/sections/health_why.html", load_why, order=20),
)
