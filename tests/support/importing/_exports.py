"""Ten exports of six helpdesks, what each tells, and ways to bring them in."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account
from accounts.service import create_account
from crm.db import Database, table_of
from crm.viewer import system_viewer
from support.importing.looking import Chosen, Seen, look
from support.importing.running import Outcome, import_tickets
from support.models import EventKind, Ticket, TicketEvent, UnmatchedTicket

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FIXTURES / "expected.json").read_text("utf-8"))


@dataclass(frozen=True)
class Export:
    key: str
    path: Path
    pack: str
    along: tuple[Path, ...] = ()
    companies_known: bool = False  # the export itself has ids of companies only

    @property
    def expected(self) -> dict[str, Any]:
        return EXPECTED[self.key]


def _export(key: str, path: str, pack: str, *along: str, companies_known: bool = False) -> Export:
    folder = (FIXTURES / path).parent
    return Export(key, FIXTURES / path, pack, tuple(folder / one for one in along), companies_known)


EXPORTS = (
    _export("zendesk_views_csv", "zendesk/zendesk_tickets_export.csv", "zendesk.csv"),
    _export("zendesk_incremental_json", "zendesk/zendesk_incremental_tickets.json", "zendesk.api"),
    _export("freshdesk_csv", "freshdesk/freshdesk_tickets_export.csv", "freshdesk.csv"),
    _export(
        "freshdesk_api_json", "freshdesk/freshdesk_api_tickets.json", "freshdesk.api", "freshdesk_api_companies.json"
    ),
    _export(
        "intercom_json",
        "intercom/intercom_conversations.json",
        "intercom.api",
        "intercom_contacts.json",
        "intercom_companies.json",
    ),
    _export("jira_sm_csv", "jira_service_management/jsm_issues_all_fields.csv", "jira.csv"),
    _export("jira_sm_request_json", "jira_service_management/jsm_requests_with_sla.json", "jira.api"),
    _export("hubspot_csv", "hubspot/hubspot_tickets_export.csv", "hubspot.csv"),
    _export("hubspot_api_json", "hubspot/hubspot_crm_v3_tickets.json", "hubspot.api", companies_known=True),
    _export("salesforce_case_csv", "salesforce/salesforce_cases.csv", "salesforce.csv"),
)
COMPANIES = {
    "360000": "Nordwind Logistik GmbH",
    "360017": "Baltic Cable Oy",
    "360034": "Harbour & Sons",
    "360051": "Quanta Dental",
}


def know_companies(database: Database) -> None:
    with database.unit_of_work() as session:
        for external_id, name in COMPANIES.items():
            create_account(session, system_viewer(), name=name, external_id=external_id)


def bring(
    database: Database, path: Path, tmp: Path, *, along: Sequence[Path] = (), chosen: Chosen | None = None, **more: Any
) -> Outcome:
    return bring_seen(database, look(path, chosen, along=along), tmp, **more)


def bring_seen(database: Database, seen: Seen, tmp: Path, **more: Any) -> Outcome:
    with seen.directory(tmp) as directory:
        return import_tickets(
            database,
            seen.reading,
            seen.mapping(),
            seen.written,
            actor=system_viewer(),
            spool_in=tmp,
            directory=directory,
            **more,
        )


def told(session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    """What is stored, in the figures that ``wanted`` has."""
    t, event = table_of(Ticket), table_of(TicketEvent)
    late = set(
        session.scalars(
            select(event.c.ticket_id).where(
                event.c.kind == EventKind.BREACHED,
                event.c.closed_at.is_(None),
                event.c.data["target"].as_string().is_(None),
            )
        )
    )
    totals: dict[str, int] = defaultdict(int)
    companies: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = session.execute(
        select(t, col(Account.name).label("company"))
        .join(Account, col(Account.id) == t.c.account_id)
        .where(t.c.deleted_at.is_(None))
    ).all()
    for row in rows:
        is_open = row.resolved_at is None
        breached = row.id in late or (row.resolution_met is False and row.source_verdict)
        here = companies[row.company]
        for into, names in ((totals, _TOTALS), (here, _OF_COMPANY)):
            into[names[0]] += 1
            into[names[1]] += is_open
            into[names[2]] += row.reopened > 0
            into[names[3]] += breached
        totals["csat_good"] += row.csat is not None and row.csat > 50
        totals["csat_bad"] += row.csat is not None and row.csat < 50
    assert not session.scalars(select(UnmatchedTicket)).all()
    found: dict[str, Any] = {name: totals[name] for name in wanted if name != "by_company"}
    found["by_company"] = {
        company: {name: companies[company][name] for name in figures}
        for company, figures in wanted["by_company"].items()
    }
    assert set(companies) == set(wanted["by_company"])
    return found


_TOTALS = ("distinct_tickets", "open_or_pending", "reopened_tickets", "resolution_sla_breached")
_OF_COMPANY = ("tickets", "open_or_pending", "reopened", "breached")
