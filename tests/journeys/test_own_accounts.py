"""Bringing one's own spreadsheet into an empty installation."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey

SHEET = """Société;Site web;CA récurrent;Échéance;Préavis;Logiciel comptable
Aciéries du Nord;acieries.example;184 000 €;31/12/2027;3 mois;Cegid
Brasserie Lamy;brasserie-lamy.example;12,5 k€;30/06/2027;90;Sage
Cartonnages Petit;;8 400 €;31/02/2027;90;Sage
"""


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_french_sheet_goes_in_and_the_bad_line_comes_back(
    empty: Served, open_page: OpenPage, tmp_path: Path, javascript: bool
) -> None:
    page = open_page(empty, javascript=javascript)
    page.get_by_role("link", name="Bring my accounts").click()
    page.locator("[name=name]").fill("Nora Klein")
    page.locator("[name=email]").fill("nora@company.example")
    page.locator("[name=password]").fill("correct horse battery staple")
    page.locator("[name=team]").fill("Success")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/import")
    sheet = tmp_path / "clients.csv"
    sheet.write_bytes(SHEET.encode("cp1252"))
    for run in (1, 2):
        page.goto("/import")
        page.locator("[name=file]").set_input_files(sheet)
        page.locator("main form:has([name=file]) button[type=submit]").click()
        expect(page.get_by_text("Aciéries du Nord").first).to_be_visible()
        assert not javascript or violations(page) == []
        page.locator('button[formaction$="/start"]').first.click()
        mend = page.locator('a[href$="/mend.csv"]').first
        expect(mend).to_be_visible()
        page.goto("/accounts?scope=all")
        expect(page.locator("tbody tr")).to_have_count(2), run
    page.locator("table a", has_text="Aciéries du Nord").click()
    expect(page.get_by_text("Cegid").first).to_be_visible()
    expect(page.get_by_text("€184").first).to_be_visible()
