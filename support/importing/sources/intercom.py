"""Intercom: the conversations of its API."""

from __future__ import annotations

import html
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
    people,
    state_of,
    verdict,
    verdict_of,
)

_TAG = re.compile(r"<[^<>]{0,500}>")


def _from_api(told: Told, directory: Directory) -> Added:
    author = told.value("source.author")
    author = author if isinstance(author, dict) else {}
    contact = _first(told.value("contacts.contacts")) or _first(told.value("contacts"))
    requester_id = str(contact.get("id") or "") or (
        str(author.get("id") or "") if author.get("type") in ("user", "lead", "contact") else ""
    )
    who = people(told, directory, company_id=_company(told), requester_id=requester_id)
    if str(author.get("id") or "") == requester_id:
        who["requester.name"] = who["requester.name"] or str(author.get("name") or "")
        who["requester.email"] = who["requester.email"] or str(author.get("email") or "")
    status = told.text("sla_applied.sla_status")
    missed = {"missed": True, "hit": False, "met": False, "fixed": True}.get(status)
    state = told.text("state") or ("open" if is_yes(told.text("open")) else "closed")
    return {
        **who,
        "subject": _plain(told.text("title") or told.text("source.subject") or told.text("source.body")),
        "channel": told.text("source.type"),
        "assignee": getattr(directory.person(told.text("admin_assignee_id")), "name", ""),
        "group": directory.group(told.text("team_assignee_id")),
        "state": "deleted" if state == "deleted" or is_yes(told.text("deleted")) else state,
        "closed_at": told.text("statistics.last_close_at") if state == "closed" else "",
        "sla.status": verdict(missed),
    }


def _company(told: Told) -> str:
    for path in ("company.id", "company_id", "source.author.company_id"):
        if found := told.text(path):
            return found
    return str(_first(told.value("companies.companies")).get("id") or "")


def _first(listed: Any) -> dict[str, Any]:
    return next((one for one in listed if isinstance(one, dict)), {}) if isinstance(listed, list) else {}


def _plain(written: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", written[:5_000])).split())[:300]


API = Pack(
    key="intercom.api",
    source="intercom",
    title="Intercom",
    form=Form.JSON,
    needs=("id", "created_at", "source.author.id"),
    holds=("conversations", "data", "results"),
    added=(*WHO, "subject", "channel", "assignee", "group", "state", "closed_at", "sla.status"),
    add=_from_api,
    mapping={
        "source": {"key": "intercom", "title": "Intercom"},
        "zone": "Etc/UTC",
        "dates": ["epoch", "iso"],
        "one_row_per": "ticket",
        "ticket": {
            "id": "id",
            "subject": "subject",
            "channel": "channel",
            "assignee": "assignee",
            "team": "group",
            "priority": {
                "column": "priority",
                "values": {"priority": "high", "not_priority": "normal", "true": "high", "false": "normal"},
                "otherwise": "normal",
            },
            "state": state_of("state", {"open": "open", "snoozed": "waiting", "closed": "closed"}),
        },
        "times": {
            "opened": "created_at",
            "first_answered": "statistics.first_admin_reply_at",
            "resolved": "closed_at",
            "rated": "conversation_rating.created_at",
            "updated": "updated_at",
        },
        "after": {"first_answered": {"column": "statistics.time_to_admin_reply", "unit": "seconds"}},
        "counts": {"reopened": "statistics.count_reopens"},
        "verdict": {"resolution": verdict_of("sla.status")},
        "rating": {"column": "conversation_rating.rating", "scale": ["1", "5"]},
        **WHO_MAPPED,
    },
)

PACKS = (API,)
