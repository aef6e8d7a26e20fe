"""Salesforce: cases, as the Data Loader and its API write them, and as reports do."""

from __future__ import annotations

from accounts.names import fold
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

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


_RECORDS = frozenset({"001", "003", "005", "00G", "500"})  # accounts, contacts, users, queues, cases


def whole_id(written: str) -> str:
    """Of the 15 signs that tell capitals apart, the 18 that need not: both are the same record. Other ids stay.

    Source: the three last signs say which of each five signs before are capitals (Salesforce, "What is the difference
    between a 15 digit ID and an 18 digit ID").
    """
    if len(written) not in (15, 18) or written[:3] not in _RECORDS or written.isdigit():
        return written
    if not written.isascii() or not written.isalnum():
        return written
    ends = ""
    for start in (0, 5, 10):
        capitals = sum(1 << place for place, sign in enumerate(written[start : start + 5]) if sign.isupper())
        ends += _LETTERS[capitals]
    return written[:15] + ends


def _state(status: str, closed: str, gone: str) -> str:
    if is_yes(gone):
        return "deleted"
    status = fold(status)
    if status == "deleted":
        return "deleted"
    if closed:
        done = is_yes(closed)
    else:
        done = status in ("closed", "resolved", "solved", "closed - resolved", "ferme", "fermee", "clos")
    if done:
        return "resolved" if status in ("resolved", "solved") else "closed"
    waits = "customer" in status or "client" in status or status in ("on hold", "pending", "en attente")
    return "waiting" if waits else "open"


_MILESTONES = {"compliant": False, "violation": True, "open violation": True}


def _case(told: Told, directory: Directory) -> Added:
    def first(*columns: str) -> str:
        return next((found for column in columns if (found := told.text(column))), "")

    who = people(
        told,
        directory,
        company_id=whole_id(first("AccountId", "Account ID")),
        requester_id=whole_id(first("ContactId", "Contact ID")),
    )
    escalated = first("IsEscalated", "Escalated")
    missed = _MILESTONES.get(fold(first("MilestoneStatus", "Milestone Status")))
    if missed is None and escalated:
        missed = is_yes(escalated)
    return {
        **who,
        "company.name": first("Account.Name", "Account Name") or who["company.name"],
        "requester.name": first("Contact.Name", "Contact Name", "SuppliedName") or who["requester.name"],
        "requester.email": first("ContactEmail", "Contact.Email", "Contact Email", "SuppliedEmail")
        or who["requester.email"],
        "case": whole_id(first("Id", "Case ID")) or first("CaseNumber", "Case Number"),
        "state": _state(told.text("Status"), first("IsClosed", "Closed"), first("IsDeleted", "Deleted")),
        "owner": first("Owner.Name", "Case Owner") or getattr(directory.person(told.text("OwnerId")), "name", ""),
        "escalated": ("1" if is_yes(escalated) else "0") if escalated else "",
        "sla": verdict(missed),
    }


_MAPPING = {
    "source": {"key": "salesforce", "title": "Salesforce"},
    "zone": "Etc/UTC",
    "one_row_per": "ticket",
    "ticket": {
        "id": "case",
        "subject": "Subject",
        "topic": ["Reason", "Case Reason"],
        "channel": ["Origin", "Case Origin"],
        "assignee": "owner",
        "kind": kind_of("Type"),
        "priority": priority_of("Priority"),
        "state": state_of("state", {state: state for state in ("open", "waiting", "resolved", "closed")}),
    },
    "times": {
        "opened": ["CreatedDate", "Date/Time Opened", "Opened Date", "Created Date"],
        "resolved": ["ClosedDate", "Date/Time Closed", "Closed Date"],
        "updated": ["SystemModstamp", "LastModifiedDate", "Case Date/Time Last Modified", "Last Modified Date"],
    },
    "counts": {"escalated": "escalated"},
    "verdict": {"resolution": verdict_of("sla")},
    **WHO_MAPPED,
}
_ADDED = (*WHO, "case", "state", "owner", "escalated", "sla")

CSV = Pack(
    key="salesforce.csv",
    source="salesforce",
    title="Salesforce",
    form=Form.CSV,
    needs=("CaseNumber", "Status", "CreatedDate"),
    added=_ADDED,
    add=_case,
    mapping=_MAPPING,
)
REPORT = Pack(
    key="salesforce.report",
    source="salesforce",
    title="Salesforce",
    form=Form.CSV,
    needs=("Case Number", "Status", "Date/Time Opened"),
    added=_ADDED,
    add=_case,
    mapping={key: value for key, value in _MAPPING.items() if key != "zone"},
)
API = Pack(
    key="salesforce.api",
    source="salesforce",
    title="Salesforce",
    form=Form.JSON,
    needs=("Id", "Status", "CreatedDate", "CaseNumber"),
    holds=("records",),
    added=_ADDED,
    add=_case,
    mapping=_MAPPING,
)

PACKS = (CSV, REPORT, API)
