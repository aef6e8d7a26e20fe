"""Jira Service Management: "Export CSV (all fields)", and the customer requests of its API with their SLA cycles."""

from __future__ import annotations

import re
from typing import Any

from accounts.names import fold
from support.importing.sources.pack import (
    WHO,
    WHO_MAPPED,
    Added,
    Directory,
    Form,
    Pack,
    Told,
    kind_of,
    people,
    priority_of,
    state_of,
    verdict,
    verdict_of,
)

_SOURCE = {"key": "jira", "title": "Jira Service Management"}
_KIND = {"[System] Incident": "defect", "[System] Service request": "request", "[System] Problem": "defect"}
_KIND |= {"[System] Change": "request", "[System] Service request with approvals": "request"}
_OUR_STATES = {state: state for state in ("open", "waiting", "resolved", "closed")}

_REOPENS = re.compile(r"\b(reopen|re-open|rouv|réouv|reouv)", re.IGNORECASE)
_SLA = re.compile(r"\s*(-?)\s*\d")


def _state(status: str, category: str) -> str:
    """Our word. The category is Jira's own; statuses are what each company calls them."""
    status, category = fold(status), fold(category)
    if status in ("deleted", "supprime"):
        return "deleted"
    if category in ("done", "termine", "complete", "completed"):
        return "closed" if status in ("closed", "fermee", "ferme") else "resolved"
    if "customer" in status or "client" in status or status in ("pending", "waiting"):
        return "waiting"
    if not category and status in ("closed", "fermee", "ferme"):
        return "closed"
    if not category and status in ("resolved", "done", "solved", "resolue", "resolu", "canceled", "cancelled"):
        return "resolved"
    return "open"


def _from_csv(told: Told, directory: Directory) -> Added:
    answered, reopened = "", 0
    reporter = told.text("Reporter Id")
    for comment in told.all("Comment"):
        at, author, said = _comment(comment)
        theirs = author == reporter if reporter else author.startswith("qm:")
        if theirs or author.startswith("qm:"):
            reopened += bool(_REOPENS.search(said))
        elif not answered:
            answered = at
    organization = told.text("Custom field (Organizations)") or told.text("Organizations")
    return {
        "company.name": organization,
        "state": _state(told.text("Status"), told.text("Status Category")),
        "First answered": answered,
        "Reopened": str(reopened),
        "SLA first response": verdict(_missed(told, "Time to first response")),
        "SLA resolution": verdict(_missed(told, "Time to resolution")),
    }


def _comment(cell: str) -> tuple[str, str, str]:
    """ "04/Oct/25 9:55 AM;712020:aa;We are looking into it"."""
    at, _, rest = cell.partition(";")
    author, _, said = rest.partition(";")
    return (at.strip(), author.strip(), said) if author else ("", "", cell)


def _missed(told: Told, name: str) -> bool | None:
    """Time that was left when the clock stopped, as "2:30"; "-1:15" where the target was missed."""
    cell = told.text(f"Custom field ({name})") or told.text(name)
    found = _SLA.match(cell)
    return bool(found[1]) if found else None


CSV = Pack(
    key="jira.csv",
    source="jira",
    title="Jira Service Management",
    form=Form.CSV,
    needs=("Summary", "Issue key", "Status", "Created"),
    added=("company.name", "state", "First answered", "Reopened", "SLA first response", "SLA resolution"),
    add=_from_csv,
    mapping={
        "source": _SOURCE,
        "one_row_per": "ticket",
        "ticket": {
            "id": "Issue key",
            "subject": "Summary",
            "topic": ["Custom field (Request Type)"],
            "channel": ["Custom field (Request channel type)", "Custom field (Channel)"],
            "assignee": "Assignee",
            "team": ["Custom field (Team)", "Project name"],
            "kind": {**kind_of("Issue Type"), "values": {**kind_of()["values"], **_KIND}},
            "priority": priority_of("Priority"),
            "state": state_of("state", _OUR_STATES),
        },
        "times": {
            "opened": "Created",
            "first_answered": "First answered",
            "resolved": "Resolved",
            "updated": "Updated",
        },
        "counts": {"reopened": "Reopened"},
        "verdict": {
            "first_answer": verdict_of("SLA first response"),
            "resolution": verdict_of("SLA resolution"),
        },
        "rating": {"column": ["Satisfaction rating", "Custom field (Satisfaction)"], "scale": ["1", "5"]},
        "company": {"name": "company.name", "create": "true"},
        "requester": {"id": ["Reporter Id", "Reporter ID"], "name": "Reporter", "email": ["Reporter Email"]},
    },
)


def _from_api(told: Told, directory: Directory) -> Added:
    fields = {}
    listed = told.value("requestFieldValues")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            fields[fold(str(one.get("label") or one.get("fieldId") or ""))] = one.get("value")
    company_id, company_name = _organization(fields.get("organizations"))
    requester_id = told.text("reporter.accountId")
    who = people(told, directory, company_id=company_id, requester_id=requester_id)
    sla = _cycles(told.value("sla.values"))
    state = _state(told.text("currentStatus.status"), _CATEGORIES.get(told.text("currentStatus.statusCategory"), ""))
    changed = _at(told.value("currentStatus.statusDate"))
    return {
        **who,
        "company.name": company_name or who["company.name"],
        "requester.name": told.text("reporter.displayName") or who["requester.name"],
        "requester.email": told.text("reporter.emailAddress") or who["requester.email"],
        "subject": _named(fields.get("summary")) or told.text("summary"),
        "priority": _named(fields.get("priority")),
        "topic": told.text("requestType.name"),
        "url": told.text("_links.web"),
        "state": state,
        "opened_at": _at(told.value("createdDate")),
        "updated_at": changed,
        "resolved_at": sla.get("stopped", "") if state in ("resolved", "closed") else "",
        "answered_at": sla.get("answered", ""),
        "reopened": str(max(int(sla.get("cycles", "1")) - 1, 0)),
        "sla.first_response": sla.get("first_response", ""),
        "sla.resolution": sla.get("resolution", ""),
    }


_CATEGORIES = {"DONE": "done", "INDETERMINATE": "in progress", "NEW": "to do", "UNDEFINED": ""}


def _organization(value: Any) -> tuple[str, str]:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        return str(first.get("id") or ""), str(first.get("name") or "")
    return "", str(first or "")


def _named(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("value") or "")
    return str(value) if isinstance(value, str | int) else ""


def _at(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("iso8601") or value.get("jira") or "")
    return str(value) if isinstance(value, str) else ""


def _cycles(listed: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for clock in listed if isinstance(listed, list) else ():
        if not isinstance(clock, dict):
            continue
        name = fold(str(clock.get("name") or ""))
        done = [one for one in clock.get("completedCycles") or () if isinstance(one, dict)]
        ongoing = clock.get("ongoingCycle")
        running = [ongoing] if isinstance(ongoing, dict) else []
        late = any(one.get("breached") is True for one in (*done, *running))
        told = "missed" if late else "met" if done else ""
        stops = [stop for one in done if (stop := _at(one.get("stopTime")))]
        if "resolution" in name or "resolve" in name:
            found["resolution"] = told
            found["cycles"] = str(len(done) + len(running))
            if stops and not running:
                found["stopped"] = stops[-1]
        elif "first" in name:
            found["first_response"] = told
            if stops:
                found["answered"] = stops[0]
    return found


API = Pack(
    key="jira.api",
    source="jira",
    title="Jira Service Management",
    form=Form.JSON,
    needs=("issueKey", "createdDate", "currentStatus"),
    holds=("values", "requests"),
    added=(
        *WHO,
        "subject",
        "priority",
        "topic",
        "url",
        "state",
        "opened_at",
        "updated_at",
        "resolved_at",
        "answered_at",
        "reopened",
        "sla.first_response",
        "sla.resolution",
    ),
    add=_from_api,
    mapping={
        "source": _SOURCE,
        "zone": "Etc/UTC",
        "one_row_per": "ticket",
        "ticket": {
            "id": "issueKey",
            "url": "url",
            "subject": "subject",
            "topic": "topic",
            "priority": priority_of("priority"),
            "state": state_of("state", _OUR_STATES),
        },
        "times": {
            "opened": "opened_at",
            "first_answered": "answered_at",
            "resolved": "resolved_at",
            "updated": "updated_at",
        },
        "counts": {"reopened": "reopened"},
        "verdict": {
            "first_answer": verdict_of("sla.first_response"),
            "resolution": verdict_of("sla.resolution"),
        },
        **WHO_MAPPED,
    },
)

PACKS = (CSV, API)
