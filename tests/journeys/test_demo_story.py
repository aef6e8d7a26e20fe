"""The first minute: from the empty installation to the tickets behind the troubled account's score."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey

TROUBLED = "Halden Logistics"


def from_today_to_the_tickets(page: Page) -> None:
    first = page.locator(".today-row").first
    expect(first).to_contain_text(TROUBLED)
    first.locator(".today-row__reason a").click()
    expect(page).to_have_url(re.compile(r"/accounts/\d+/health$"))
    line = page.locator(".points__row", has_text="urgent").first
    expect(line).to_contain_text("3 tickets")
    line.click()
    helpdesk = page.locator('a[href*="zendesk.example/agent/tickets/"]')
    expect(helpdesk).to_have_count(3)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_reason_opens_down_to_the_tickets(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    from_today_to_the_tickets(open_page(demo, "relationship_manager", javascript=javascript))


def test_it_works_on_a_phone(demo: Served, open_page: OpenPage) -> None:
    from_today_to_the_tickets(open_page(demo, "relationship_manager", width=390))


def test_a_manager_sees_the_same_trouble_first(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "manager")
    expect(page.locator(".today-row").first).to_contain_text(TROUBLED)


def test_an_empty_installation_becomes_the_demo_in_one_click(empty: Served, open_page: OpenPage) -> None:
    page = open_page(empty)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Look at the demo").click()
    page.locator("[data-role=relationship_manager]").click(timeout=120_000)
    expect(page.locator(".today-row").first).to_contain_text(TROUBLED)


def test_the_buttons_are_never_there_outside_the_demo(empty: Served, open_page: OpenPage) -> None:
    page = open_page(empty)
    page.goto("/sign-in")
    expect(page.locator("[data-role]")).to_have_count(0)
