"""Exports that others made: warehouse tables of Zendesk and HubSpot, and answers of Freshdesk's API."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crm.db import Database
from tests.support.importing._exports import bring

DATA = os.environ.get("CRM_TEST_DATA")


@pytest.mark.skipif(DATA is None, reason="CRM_TEST_DATA names the folder of the data")
@pytest.mark.parametrize(
    ("tickets", "along"),
    [
        ("zendesk_fivetran_seeds/ticket_data.csv", ("organization_data.csv", "user_data.csv", "group_data.csv")),
        ("hubspot_fivetran_seeds/ticket_data.csv", ("company_data.csv", "ticket_company_data.csv")),
        ("freshdesk_v2_api_json/all_tickets.json", ("companies.json", "contacts.json")),
        ("freshdesk_v2_api_json/search_tickets.json", ("companies.json",)),
        ("freshdesk_v2_api_json/ticket_1.json", ()),
    ],
)
def test_every_row_comes_in_or_says_why_not(
    tickets: str, along: tuple[str, ...], database: Database, tmp_path: Path
) -> None:
    path = Path(str(DATA)) / "fixtures" / tickets
    if not path.is_file():
        pytest.skip(f"{tickets} is not at hand")
    outcome = bring(database, path, tmp_path, along=[path.parent / one for one in along])
    counts = outcome.counts
    assert counts["rows"] > 0
    assert counts["tickets"] + counts["rejected"] == counts["rows"]
    assert len(outcome.problems) == counts["rejected"]
    assert all(str(problem.reason) for problem in outcome.problems)
    assert counts["tickets"] > 0
