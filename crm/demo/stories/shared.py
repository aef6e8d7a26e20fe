"""What happens to more than one customer."""

# ruff: noqa: E501 - sentences that people write are not cut
# fmt: off

from __future__ import annotations

from datetime import timedelta

from crm.demo.stories.pen import Pen
from support.models import EventKind as E, TicketKind


def unanswered(pen: Pen, before: int = 0) -> None:
    """Two questions of ours that the customer has never come back to; ``before``: so many days earlier."""
    user = pen.cast.everybody[-1].name
    stock = pen.ticket(pen.at(before + 247, "10:20"), user, TicketKind.DEFECT, 2, "Mobile app", f"Tablets in {pen.company.sites[0]} no longer synchronise", "Since the rebuild of our network none of the tablets shows new jobs.")
    stock.assignee = "Matteo Grassi"
    stock.tell(E.FIRST_ANSWERED, stock.opened_at + timedelta(hours=3), actor="Matteo Grassi", text="They are waiting for a new certificate. Could somebody open the app once in your own network?")
    stock.tell(E.WAITING, stock.opened_at + timedelta(hours=3, minutes=1), actor="Matteo Grassi", text="Waiting for your answer.")
    labels = pen.ticket(pen.at(before + 238, "09:05"), user, TicketKind.QUESTION, 3, "Inspections", f"How do we get last year’s inspections of {pen.company.sites[0]} out as a file?", "The auditor wants last year’s inspections as a file. Is there a way without going through each machine?")
    labels.assignee = "Hanna Kivi"
    labels.tell(E.FIRST_ANSWERED, labels.opened_at + timedelta(hours=4), actor="Hanna Kivi", text="Yes, the report can be exported. For which sites and which format?")
    labels.tell(E.WAITING, labels.opened_at + timedelta(hours=4, minutes=1), actor="Hanna Kivi", text="Shall it be a spreadsheet or a PDF?")
