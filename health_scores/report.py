"""What health says in the account report."""

from __future__ import annotations

from crm.contracts import ReportSection, SectionContext
from crm.text import N_
from health_scores.board import board
from health_scores.queries import standing_of
from health_scores.view import shown_lines, shown_unknown

IN_BRIEF = 6  # reasons, the weightiest first


def load_why(context: SectionContext) -> dict[str, object] | None:
    standing = standing_of(context.session, context.account_id)
    if standing is None:
        return None
    lines = shown_lines(standing, board())
    most = context.most(len(lines), IN_BRIEF)
    if len(lines) == most + 1:  # "and one more" would take as much room as that one
        most += 1
    return {
        "standing": standing,
        "lines": lines[:most],
        "smaller": len(lines[most:]),
        "smaller_points": sum(line.points for line in lines[most:]),
        "unknown": shown_unknown(standing, board()),
    }


REPORT_SECTIONS = (
    ReportSection("health", N_("Why the score"), "reports/sections/health_why.html", load_why, order=20),
)
