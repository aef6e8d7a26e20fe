"""Tables of the support slice, one noun a file."""

from support.models.event import EventKind, TicketEvent
from support.models.importing import ImportMade, ImportUndo, Telling, TicketMapping
from support.models.span import TicketSpan
from support.models.ticket import Ticket, TicketKind, TicketState
from support.models.unmatched import UnmatchedTicket

__all__ = [
    "EventKind",
    "ImportMade",
    "ImportUndo",
    "Telling",
    "Ticket",
    "TicketEvent",
    "TicketKind",
    "TicketMapping",
    "TicketSpan",
    "TicketState",
    "UnmatchedTicket",
]
