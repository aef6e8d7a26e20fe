"""Freshdesk: the CSV that its tickets list exports, and the tickets of its API (v2, and the older form)."""

from __future__ import annotations

from support.importing.sources.pack import (
    WHO,
    WHO_MAPPED,
    Added,
    Directory,
    Form,
    Pack,
    Told,
    is_yes,
    kind_of,
    people,
    priority_of,
    state_of,
    verdict,
    verdict_of,
)

_SOURCE = {"key": "freshdesk", "title": "Freshdesk"}
_STATES = {
    "Open": "open", "Pending": "waiting", "Resolved": "resolved", "Closed": "closed",
    "Waiting on Customer": "waiting", "Awaiting your Reply": "waiting", "Waiting on Third Party": "open",
}  # fmt: skip
_SLA = {"Within SLA": "met", "SLA Violated": "missed"}
_RATINGS = {
    "Extremely Happy": "100", "Very Happy": "83", "Happy": "67", "Neutral": "50", "Unhappy": "33",
    "Very Unhappy": "17", "Extremely Unhappy": "0",
}  # fmt: skip

CSV = Pack(
    key="freshdesk.csv",
    source="freshdesk",
    title="Freshdesk",
    form=Form.CSV,
    needs=("Ticket ID", "Status", "Created time"),
    mapping={
        "source": _SOURCE,
        "one_row_per": "ticket",
        "ticket": {
            "id": "Ticket ID",
            "subject": "Subject",
            "topic": ["Category"],
            "channel": "Source",
            "assignee": "Agent",
            "team": "Group",
            "kind": kind_of("Type"),
            "priority": priority_of("Priority"),
            "state": state_of("Status", _STATES),
        },
        "times": {
            "opened": "Created time",
            "first_answered": ["Initial response time"],
            "resolved": "Resolved time",
            "closed": "Closed time",
            "updated": "Last update time",
        },
        "after": {
            "first_answered": {"column": ["First response time (in hrs)"], "unit": "hours"},
            "resolved": {"column": ["Resolution time (in hrs)"], "unit": "hours"},
        },
        "verdict": {
            "first_answer": {"column": ["First response status"], "values": _SLA, "otherwise": None},
            "resolution": {"column": ["Resolution status"], "values": _SLA, "otherwise": None},
        },
        "rating": {"column": ["Survey results", "Survey result"], "values": _RATINGS, "otherwise": None},
        "company": {"id": ["Company ID"], "name": ["Company Name", "Company"], "create": "true"},
        "requester": {
            "id": "Contact ID",
            "name": ["Full name", "Requester Name", "Contact name"],
            "email": ["Email", "Requester Email"],
        },
    },
)

_CHANNELS = {
    "1": "email", "2": "portal", "3": "phone", "4": "forum", "5": "twitter", "6": "facebook", "7": "chat",
    "8": "mobihelp", "9": "feedback widget", "10": "outbound email", "11": "e-commerce", "12": "bot", "13": "whatsapp",
}  # fmt: skip
_PRIORITIES = {"1": "low", "2": "normal", "3": "high", "4": "urgent"}
_API_STATES = {"2": "open", "3": "waiting", "4": "resolved", "5": "closed", "6": "waiting", "7": "open"}


def _from_api(told: Told, directory: Directory) -> Added:
    gone = is_yes(told.text("deleted")) or is_yes(told.text("spam"))
    who = people(told, directory, company_id=told.text("company_id"), requester_id=told.text("requester_id"))
    late = told.text("is_escalated") or told.text("isescalated")
    answered_late = told.text("fr_escalated")
    company = told.value("company")
    if isinstance(company, dict) and not who["company.name"]:
        who["company.name"] = str(company.get("name") or "")
    return {
        **who,
        "requester.name": who["requester.name"] or told.text("requester.name") or told.text("requester_name"),
        "requester.email": who["requester.email"] or told.text("requester.email"),
        "assignee": getattr(directory.person(told.text("responder_id")), "name", "") or told.text("responder_name"),
        "group": directory.group(told.text("group_id")),
        "channel": _CHANNELS.get(told.text("source"), ""),
        "state": "deleted" if gone else told.text("status"),
        "kind": told.text("type") or told.text("ticket_type"),
        "sla.first_response": verdict(is_yes(answered_late) if answered_late else None),
        "sla.resolution": verdict(is_yes(late) if late else None),
    }


API = Pack(
    key="freshdesk.api",
    source="freshdesk",
    title="Freshdesk",
    form=Form.JSON,
    needs=("id", "requester_id", "responder_id", "status", "created_at"),
    never=("organization_id",),
    holds=("tickets", "results", "ticket", "helpdesk_ticket"),
    added=(*WHO, "assignee", "group", "channel", "state", "kind", "sla.first_response", "sla.resolution"),
    add=_from_api,
    mapping={
        "source": _SOURCE,
        "zone": "Etc/UTC",
        "one_row_per": "ticket",
        "ticket": {
            "id": "id",
            "subject": "subject",
            "channel": "channel",
            "assignee": "assignee",
            "team": "group",
            "kind": kind_of("kind"),
            "priority": {"column": "priority", "values": _PRIORITIES, "otherwise": "normal"},
            "state": state_of("state", _API_STATES),
        },
        "times": {
            "opened": "created_at",
            "first_answered": "stats.first_responded_at",
            "reopened": "stats.reopened_at",
            "resolved": "stats.resolved_at",
            "closed": "stats.closed_at",
            "updated": "updated_at",
        },
        "verdict": {"first_answer": verdict_of("sla.first_response"), "resolution": verdict_of("sla.resolution")},
        **WHO_MAPPED,
    },
)

PACKS = (CSV, API)
