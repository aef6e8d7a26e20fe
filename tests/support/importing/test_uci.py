"""The real incident log (UCI 498), where it is at hand: beside the checkout, or in the folder CRM_TEST_DATA names."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts.models import Account, Contact, ContactAccount
from crm.config import ROOT
from crm.db import Database, table_of
from crm.viewer import system_viewer
from support.importing.mapping import load_yaml, mapping_from
from support.importing.running import Outcome, import_tickets
from support.models import Ticket, TicketEvent, TicketSpan, UnmatchedTicket

DATA = Path(os.environ.get("CRM_TEST_DATA", ROOT.parent / "shared" / "data"))
LOG = DATA / "tickets" / "uci_servicenow_incident_events_dev.csv.gz"
MAPPING = ROOT / "support" / "mappings" / "uci_servicenow.yaml"

# Its first row, still new, bears a later time than its resolution: read in the order of time it was reopened once.
OUT_OF_ORDER = "0000137"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LOG.exists(), reason=f"{LOG.name} is not at hand; CRM_TEST_DATA names its folder"),
]


def bring(database: Database, tmp_path: Path) -> Outcome:
    written = load_yaml(MAPPING)
    return import_tickets(
        database, LOG, mapping_from(written), written, actor=system_viewer(), spool_in=tmp_path / "spool"
    )


def test_the_real_history_comes_in_twice_and_is_there_once(
    database: Database, session: Session, tmp_path: Path
) -> None:
    database.handlers = {}  # scores have their own tests
    last: dict[str, dict[str, str]] = {}
    places: dict[str, set[str]] = defaultdict(set)
    with gzip.open(LOG, "rt", newline="") as rows:
        for row in csv.DictReader(rows):
            last[row["number"]] = row
    for row in last.values():
        if row["location"] != "?" and row["caller_id"] != "?":
            places[row["caller_id"]].add(row["location"])

    first = bring(database, tmp_path)
    assert first.shape.together
    assert (first.counts["rows"], first.counts["new"], first.counts["rejected"]) == (99_443, 17_578, 0)
    nowhere = {number for number, row in last.items() if row["location"] == "?"}
    assert set(session.scalars(select(col(UnmatchedTicket.external_id)))) == nowhere

    t, a = table_of(Ticket), table_of(Account)
    tickets = session.execute(select(t, a.c.name.label("account")).join(a, a.c.id == t.c.account_id)).all()
    assert len(tickets) == 17_578 - len(nowhere) == 17_572
    for ticket in tickets:
        row = last[ticket.external_id]
        assert ticket.resolution_met is (row["made_sla"] == "true")
        assert ticket.source_verdict
        assert ticket.account == f"Location {row['location']}"
        reopened = int(row["reopen_count"]) + (ticket.external_id == OUT_OF_ORDER)
        assert (ticket.reopened, ticket.reassigned) == (reopened, int(row["reassignment_count"]))
        assert ticket.priority == int(row["priority"])
    met = sum(row["made_sla"] == "true" for row in last.values())
    assert met == 11_237  # 63.9 % of the incidents of this file

    several = {caller for caller, found in places.items() if len(found) > 1}
    links = (
        select(col(ContactAccount.contact_id))
        .group_by(col(ContactAccount.contact_id))
        .having(func.count() > 1)
        .subquery()
    )
    named = select(col(Contact.external_id)).join(links, links.c.contact_id == col(Contact.id))
    assert set(session.scalars(named)) == {f"uci-servicenow:{caller}" for caller in several}

    spans = defaultdict(list)
    for ticket_id, from_at, to_at in session.execute(
        select(col(TicketSpan.ticket_id), col(TicketSpan.from_at), col(TicketSpan.to_at)).order_by(
            col(TicketSpan.ticket_id), col(TicketSpan.from_at)
        )
    ):
        spans[ticket_id].append((from_at, to_at))
    for ticket in tickets:
        own = spans[ticket.id]
        assert own[0][0] == ticket.opened_at
        assert own[-1][1] is None
        assert all(one[1] == following[0] for one, following in pairwise(own))

    events = session.scalar(select(func.count()).select_from(table_of(TicketEvent)))
    again = bring(database, tmp_path)
    session.rollback()
    assert (again.counts["new"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 17_578)
    assert session.scalar(select(func.count()).select_from(table_of(TicketEvent))) == events
