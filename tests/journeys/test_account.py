"""The account page: what is folded away, and stays as its reader left it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


def test_a_part_opened_once_is_open_on_the_next_account(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/accounts?scope=mine&sort=account")
    rows = page.locator("tbody a[data-row-link]")
    first, second = (rows.nth(place).get_attribute("href") or "" for place in (0, 1))
    page.goto(first)
    team = page.locator("#panel-team")
    expect(team.get_by_role("link", name="Arrange cover")).to_be_hidden()
    team.locator("summary").first.click()
    expect(team.get_by_role("link", name="Arrange cover")).to_be_visible()
    page.goto(second)
    expect(team.get_by_role("link", name="Arrange cover")).to_be_visible()
    team.locator("summary").first.click()
    page.goto(first)
    expect(team.get_by_role("link", name="Arrange cover")).to_be_hidden()


def test_without_scripts_a_folded_part_opens_too(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager", javascript=False)
    page.goto("/accounts?scope=all&q=Halden")
    page.goto(page.locator("tbody a[data-row-link]").first.get_attribute("href") or "")
    invoices = page.locator("#panel-invoices")
    expect(invoices.locator("summary").first).to_contain_text("overdue")
    invoices.locator("summary").first.click()
    expect(invoices.get_by_role("link", name="All 8 invoices")).to_be_visible()
