"""HubSpot: the CSV of its tickets, the tickets of its API (CRM v3), and the tickets table of a warehouse."""

from __future__ import annotations

import re
from typing import Any

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
)

_SOURCE = {"key": "hubspot", "title": "HubSpot"}
_CATEGORIES = {
    "PRODUCT_ISSUE": "defect", "Product issue": "defect", "BILLING_ISSUE": "question", "Billing issue": "question",
    "FEATURE_REQUEST": "request", "Feature request": "request", "GENERAL_INQUIRY": "question",
    "General inquiry": "question",
}  # fmt: skip
_PERSON = re.compile(r"(.*?)\s*\(([^()\s]+@[^()\s]+)\)")


def _from_csv(told: Told, directory: Directory) -> Added:
    written = told.text("Associated Contact") or told.text("Associated Contacts")
    first = written.split(";")[0].strip()
    person = _PERSON.match(first)
    ids = told.text("Associated Company IDs (Primary)") or told.text("Associated Company IDs")
    contact_ids = told.text("Associated Contact IDs")
    company_id = _first(ids)
    known = people(told, directory, company_id=company_id, requester_id=_first(contact_ids))
    name = told.text("Associated Company (Primary)") or told.text("Associated Company")
    name = name if company_id and ";" not in ids else name.split(";")[0].strip()
    return {
        **known,
        "company.name": name or known["company.name"],
        "requester.name": (person[1] if person else first) or known["requester.name"],
        "requester.email": (person[2] if person else "") or known["requester.email"],
    }


def _first(listed: str) -> str:
    return re.split(r"[;,]", listed, maxsplit=1)[0].strip()


CSV = Pack(
    key="hubspot.csv",
    source="hubspot",
    title="HubSpot",
    form=Form.CSV,
    needs=("Ticket name", "Ticket status", "Create date"),
    added=WHO,
    add=_from_csv,
    mapping={
        "source": _SOURCE,
        "one_row_per": "ticket",
        "ticket": {
            "id": ["Record ID", "Ticket ID", "Record ID - Ticket"],
            "subject": "Ticket name",
            "topic": "Category",
            "channel": "Source",
            "assignee": "Ticket owner",
            "team": ["HubSpot team", "Pipeline"],
            "kind": {"column": "Category", "values": _CATEGORIES, "otherwise": "other"},
            "priority": priority_of("Priority"),
            "state": state_of(
                "Ticket status",
                {"New": "open", "Waiting on contact": "waiting", "Waiting on us": "open", "Closed": "closed"},
            ),
        },
        "times": {
            "opened": "Create date",
            "resolved": "Close date",
            "updated": ["Last modified date", "Last activity date"],
        },
        "after": {
            "first_answered": {
                "column": ["Time to first agent email reply", "Time to first agent email reply (HH:mm:ss)"],
                "unit": "hours",
            },
            "resolved": {"column": ["Time to close", "Time to close (HH:mm:ss)"], "unit": "hours"},
        },
        **WHO_MAPPED,
    },
)


def _from_api(told: Told, directory: Directory) -> Added:
    stage, pipeline = told.text("properties.hs_pipeline_stage"), told.text("properties.hs_pipeline")
    gone = is_yes(told.text("archived")) or is_yes(told.text("properties.hs_is_deleted"))
    companies, contacts = (
        _associated(told.value(f"associations.{name}.results")) for name in ("companies", "contacts")
    )
    return {
        **people(told, directory, company_id=companies, requester_id=contacts),
        "id": told.text("id") or told.text("properties.hs_object_id"),
        "state": "deleted" if gone else _STAGES.get(stage, "") if pipeline in ("", "0") else "",
        "opened_at": told.text("properties.createdate") or told.text("createdAt"),
        "updated_at": told.text("properties.hs_lastmodifieddate") or told.text("updatedAt"),
    }


_STAGES = {"1": "open", "2": "waiting", "3": "open", "4": "closed"}  # of the pipeline that every account begins with


def _associated(listed: Any) -> str:
    some = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    first = next((one for one in some if "primary" in str(one.get("type", ""))), some[0] if some else {})
    return str(first.get("id") or "")


API = Pack(
    key="hubspot.api",
    source="hubspot",
    title="HubSpot",
    form=Form.JSON,
    needs=("id", "properties.hs_pipeline_stage"),
    holds=("results", "tickets"),
    added=(*WHO, "id", "state", "opened_at", "updated_at"),
    add=_from_api,
    mapping={
        "source": _SOURCE,
        "zone": "Etc/UTC",
        "dates": ["iso", "epoch_ms"],
        "one_row_per": "ticket",
        "ticket": {
            "id": "id",
            "subject": "properties.subject",
            "topic": "properties.hs_ticket_category",
            "channel": "properties.source_type",
            "kind": {"column": "properties.hs_ticket_category", "values": _CATEGORIES, "otherwise": "other"},
            "priority": priority_of("properties.hs_ticket_priority"),
            "state": state_of("state", {"open": "open", "waiting": "waiting", "closed": "closed"}),
        },
        "times": {
            "opened": "opened_at",
            "first_answered": "properties.first_agent_reply_date",
            "resolved": "properties.closed_date",
            "updated": "updated_at",
        },
        **WHO_MAPPED,
    },
)


def _from_table(told: Told, directory: Directory) -> Added:
    company_id = directory.company_of_ticket(told.text("id"))
    stage, pipeline = told.text("property_hs_pipeline_stage"), told.text("property_hs_pipeline")
    gone = is_yes(told.text("is_deleted"))
    return {
        **people(told, directory, company_id=company_id, requester_id=""),
        "state": "deleted" if gone else _STAGES.get(stage, "") if pipeline in ("", "0") else "",
    }


TABLE = Pack(
    key="hubspot.table",
    source="hubspot",
    title="HubSpot",
    form=Form.CSV,
    needs=("id", "property_createdate", "property_hs_pipeline_stage"),
    added=(*WHO, "state"),
    add=_from_table,
    mapping={
        "source": _SOURCE,
        "zone": "Etc/UTC",
        "one_row_per": "ticket",
        "ticket": {
            "id": "id",
            "subject": "property_subject",
            "topic": "property_hs_ticket_category",
            "kind": kind_of("property_hs_ticket_category"),
            "priority": priority_of("property_hs_ticket_priority"),
            "state": state_of("state", {"open": "open", "waiting": "waiting", "closed": "closed"}),
        },
        "times": {
            "opened": "property_createdate",
            "first_answered": ["property_first_agent_reply_date"],
            "resolved": "property_closed_date",
            "updated": ["property_hs_lastmodifieddate"],
        },
        **WHO_MAPPED,
    },
)

PACKS = (CSV, API, TABLE)
