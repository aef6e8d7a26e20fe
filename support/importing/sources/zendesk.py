"""Zendesk: the CSV of a view, the tickets of the incremental export, and the tickets table of a warehouse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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

_SOURCE = {"key": "zendesk", "title": "Zendesk"}
_STATES = {
    "new": "open", "open": "open", "pending": "waiting", "hold": "open", "on-hold": "open", "solved": "resolved",
    "closed": "closed",
}  # fmt: skip
_RATINGS = {
    "good": "100", "good with comment": "100", "bad": "0", "bad with comment": "0",
    "offered": None, "not offered": None, "unoffered": None,
}  # fmt: skip

CSV = Pack(
    key="zendesk.csv",
    source="zendesk",
    title="Zendesk",
    form=Form.CSV,
    needs=("Id", "Requester", "Subject", "Status", "Created at"),
    mapping={
        "source": _SOURCE,
        "one_row_per": "ticket",
        "ticket": {
            "id": "Id",
            "subject": "Subject",
            "channel": "Via",
            "assignee": "Assignee",
            "team": "Group",
            "kind": kind_of("Ticket type", "Type"),
            "priority": priority_of("Priority"),
            "state": state_of("Status", _STATES),
        },
        "times": {
            "opened": ["Created at", "Requested"],
            "resolved": ["Solved at", "Solved"],
            "updated": ["Updated at", "Updated"],
        },
        "after": {"first_answered": {"column": ["First reply time in minutes"], "unit": "minutes"}},
        "counts": {"reopened": "Reopens"},
        "rating": {"column": ["Satisfaction Score", "Satisfaction score", "Satisfaction"], "values": _RATINGS},
        "company": {"name": "Organization", "create": "true"},
        "requester": {"id": "Requester id", "name": "Requester", "email": "Requester email"},
    },
)


_RESOLUTION = ("requester_wait_time", "agent_work_time", "total_resolution_time", "full_resolution_time")


def _from_api(told: Told, directory: Directory) -> Added:
    metrics = told.value("metric_set")
    solved = _instant(told.text("metric_set.solved_at") or told.text("solved_at"))
    policies = told.value("slas.policy_metrics")
    updated = _instant(told.text("updated_at"))
    found: dict[str, Any] = {}
    for one in policies if isinstance(policies, list) else ():
        if not isinstance(one, dict):
            continue
        breach_at, metric = _instant(str(one.get("breach_at") or "")), one.get("metric")
        if metric == "first_reply_time":
            found["answer"] = _missed(told, breach_at, found.get("answer"))
        elif metric in _RESOLUTION and breach_at is not None:
            if solved is not None:
                found["resolution"] = bool(found.get("resolution")) or breach_at < solved
            elif updated is not None and breach_at < updated and one.get("stage") == "active":
                found["resolution"] = True
    del metrics
    return {
        **people(told, directory, company_id=told.text("organization_id"), requester_id=told.text("requester_id")),
        "assignee": (getattr(directory.person(told.text("assignee_id")), "name", "")),
        "group": directory.group(told.text("group_id")),
        "agent_url": told.text("url").replace("/api/v2/tickets/", "/agent/tickets/").removesuffix(".json"),
        "sla.first_reply": verdict(found.get("answer")),
        "sla.resolution": verdict(found.get("resolution")),
    }


def _missed(told: Told, breach_at: datetime | None, before: bool | None) -> bool | None:
    opened = _instant(told.text("created_at"))
    minutes = told.value("metric_set.reply_time_in_minutes.calendar")
    if breach_at is None or opened is None or not isinstance(minutes, int | float):
        return before
    return bool(before) or (breach_at - opened).total_seconds() < minutes * 60


def _instant(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


API = Pack(
    key="zendesk.api",
    source="zendesk",
    title="Zendesk",
    form=Form.JSON,
    needs=("id", "requester_id", "organization_id", "status", "created_at"),
    never=("company_id", "responder_id"),
    holds=("tickets", "results", "ticket"),
    added=(*WHO, "assignee", "group", "agent_url", "sla.first_reply", "sla.resolution"),
    add=_from_api,
    mapping={
        "source": _SOURCE,
        "zone": "Etc/UTC",
        "one_row_per": "ticket",
        "ticket": {
            "id": "id",
            "url": "agent_url",
            "subject": "subject",
            "channel": "via.channel",
            "assignee": "assignee",
            "team": "group",
            "kind": kind_of("type"),
            "priority": priority_of("priority"),
            "state": state_of("status", _STATES),
        },
        "times": {"opened": "created_at", "resolved": "metric_set.solved_at", "updated": "updated_at"},
        "after": {"first_answered": {"column": "metric_set.reply_time_in_minutes.calendar", "unit": "minutes"}},
        "counts": {"reopened": "metric_set.reopens"},
        "verdict": {"first_answer": verdict_of("sla.first_reply"), "resolution": verdict_of("sla.resolution")},
        "rating": {"column": "satisfaction_rating.score", "values": _RATINGS},
        **WHO_MAPPED,
    },
)


def _from_table(told: Told, directory: Directory) -> Added:
    return {
        **people(told, directory, company_id=told.text("organization_id"), requester_id=told.text("requester_id")),
        "assignee": (getattr(directory.person(told.text("assignee_id")), "name", "")),
        "group": directory.group(told.text("group_id")),
    }


TABLE = Pack(
    key="zendesk.table",
    source="zendesk",
    title="Zendesk",
    form=Form.CSV,
    needs=("id", "requester_id", "organization_id", "status", "created_at", "updated_at"),
    added=(*WHO, "assignee", "group"),
    add=_from_table,
    mapping={
        "source": _SOURCE,
        "zone": "Etc/UTC",
        "one_row_per": "ticket",
        "ticket": {
            "id": "id",
            "subject": "subject",
            "channel": ["via_channel", "via"],
            "assignee": "assignee",
            "team": "group",
            "kind": kind_of("type"),
            "priority": priority_of("priority"),
            "state": state_of("status", _STATES),
        },
        "times": {"opened": "created_at", "resolved": ["solved_at"], "updated": "updated_at"},
        "counts": {"reopened": ["reopens"]},
        **WHO_MAPPED,
    },
)

PACKS = (CSV, API, TABLE)
