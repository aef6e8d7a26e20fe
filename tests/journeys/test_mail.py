"""From a mail that waits to its account, and from a meeting of the day to its brief."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_meeting_is_one_click_from_its_brief(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    page = open_page(demo, "relationship_manager", javascript=javascript)
    page.goto("/accounts?scope=all&q=Halden")
    page.locator("tbody a").first.click()
    page.locator("#panel-meetings a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Halden Logistics")
    expect(page).to_have_url(re.compile(r"/brief\?meeting=\d+$"))
    expect(page.locator("#meeting")).to_contain_text("Alarms and the renewal")


def test_a_mail_is_sorted_with_one_click(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager", javascript=False)
    page.goto("/mail")
    mail = page.locator(".mails__one", has_text="Astrid Nygård")
    mail.get_by_role("button", name="Halden Logistics").click()
    expect(page.locator(".mails__one", has_text="Astrid Nygård")).to_have_count(0)
    page.goto("/accounts?scope=all&q=Halden")
    page.locator("tbody a").first.click()
    expect(page.locator("#panel-timeline")).to_contain_text("Who answers for our alarms at night?")
