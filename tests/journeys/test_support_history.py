"""Bringing a helpdesk's export in: seen before it is written, carried out by the worker, taken back as a whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served
from tests.support.importing._exports import FIXTURES

pytestmark = pytest.mark.journey

EXPORT = FIXTURES / "freshdesk" / "freshdesk_tickets_export.csv"


def _begin(page: Page) -> None:
    page.goto("/import")
    page.get_by_role("link", name="Support history").click()
    page.wait_for_url("**/import/tickets")
    page.locator("[name=file]").set_input_files(EXPORT)
    page.locator("main form:has([name=file]) button[type=submit]").click()
    page.wait_for_url("**/import/tickets/*")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_an_export_goes_in_and_is_taken_back(empty: Served, open_page: OpenPage, javascript: bool) -> None:
    page = open_page(empty, javascript=javascript)
    page.get_by_role("link", name="Bring my accounts").click()
    page.locator("[name=name]").fill("Nora Klein")
    page.locator("[name=email]").fill("nora@company.example")
    page.locator("[name=password]").fill("correct horse battery staple")
    page.locator("[name=team]").fill("Success")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/import")
    for told in ("Import 40 tickets", "Import 40 tickets"):
        _begin(page)
        expect(page.get_by_text("recognised: Freshdesk")).to_be_visible()
        start = page.get_by_role("button", name=told)
        expect(start).to_be_visible(timeout=60_000)  # the page asks, or is read again, until the trial has ended
        assert not javascript or violations(page) == []
        start.click()
        undo = page.get_by_role("button", name="Take the whole import back")
        expect(undo.or_(page.get_by_text("Everything in this file was here already.")).first).to_be_visible(
            timeout=60_000
        )
    page.goto("/tickets?scope=all&state=all")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.goto("/import/tickets")
    assert not javascript or violations(page) == []
    page.locator("#runs tbody tr a").last.click()
    assert not javascript or violations(page) == []
    page.get_by_role("button", name="Take the whole import back").click()
    expect(page.get_by_text("This import was taken back")).to_be_visible(timeout=60_000)
    assert not javascript or violations(page) == []
