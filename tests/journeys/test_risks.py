"""A pulse from the list in one click, and a meeting run from the review of risks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


def pulse_of(page: Page, name: str) -> None:
    page.goto(f"/accounts?scope=all&q={name}")


def test_the_pulse_is_set_from_the_list_in_one_click(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    pulse_of(page, "Sunnana")
    row = page.locator("tbody tr", has_text="Sunnana")
    row.locator("[id^=pulse-]").click()
    row.locator("[name=sentence]").fill("The mill is sold")
    row.get_by_role("button", name="Red").click()
    expect(row.locator("a[id^=pulse-]")).to_have_attribute("title", re.compile("The mill is sold"))
    pulse_of(page, "Sunnana")  # and it is kept
    expect(row.locator("a[id^=pulse-]")).to_have_attribute("title", re.compile("The mill is sold"))


def test_escape_leaves_the_pulse_as_it_was(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    pulse_of(page, "Corvin")
    row = page.locator("tbody tr", has_text="Corvin")
    row.locator("[id^=pulse-]").click()
    row.locator("[name=sentence]").press("Escape")
    expect(row.locator("a[id^=pulse-]")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_without_javascript_the_pulse_is_a_form_of_its_own(demo: Served, open_page: OpenPage, width: int) -> None:
    page = open_page(demo, "relationship_manager", javascript=False, width=width)
    pulse_of(page, "Hollmann")
    page.locator("[id^=pulse-]").first.click()
    page.locator("[name=sentence]").fill(f"Seen at {width}")
    page.get_by_role("button", name="Amber").click()
    expect(page.locator("#panel-pulse")).to_contain_text(f"Seen at {width}")


def test_a_meeting_goes_from_risk_to_risk_by_key_and_edits_in_place(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "manager")
    page.get_by_role("link", name="Risks").first.click()
    expect(page.locator(".risk-sums__all")).to_contain_text("since last week")
    row = page.locator("tbody tr", has_text="Ferrolán")
    row.locator("[id^=risk-step-]").click()
    row.locator("[name=step]").fill("Visit the new director, in 2 weeks")
    row.locator("[name=step]").press("Enter")
    expect(row.locator("a[id^=risk-step-]")).to_contain_text("Visit the new director")

    page.locator("tbody a[data-row-link]").first.click()
    first = page.locator("h1").inner_text()
    address = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != address)
    second = page.url
    page.keyboard.press("k")
    page.wait_for_url(lambda url: url != second)
    assert page.locator("h1").inner_text() == first


def test_a_risk_is_opened_worked_on_and_closed(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager", javascript=False)
    page.goto("/accounts?scope=all&q=Tessin")
    page.locator("tbody th a").first.click()
    page.locator("#panel-risks").get_by_role("link", name="Open a risk").click()
    page.locator("[name=reason]").select_option("price")
    page.locator("[name=words]").fill("They compare us with a Swiss vendor")
    page.locator("[name=next_step]").fill("Send the comparison")
    page.locator("[name=next_on]").fill("tomorrow")
    page.get_by_role("button", name="Open the risk").click()
    page.locator("#panel-risks").get_by_role("link", name="Price").click()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("main")).to_contain_text("Done: Send the comparison")
    page.get_by_role("link", name="Close the risk").click()
    page.locator("[name=outcome]").fill("They stay, for two years")
    page.get_by_role("button", name="Close the risk").click()
    expect(page.locator("main")).to_contain_text("They stay, for two years")


def test_a_promise_stands_on_today_until_it_is_kept(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    row = page.locator(".today-row", has_text="Brodeur")
    expect(row).to_contain_text("Promised: Un point avec la direction")
    row.get_by_role("link", name="Say what came of it").click()
    page.locator("[name=outcome]").fill("Rendez-vous le 4")
    page.locator("main").get_by_role("button", name="Save").click()
    expect(page.locator("#panel-promises")).to_contain_text("1 settled")
    page.goto("/")
    expect(page.locator(".today-row", has_text="Brodeur")).not_to_contain_text("Un point avec la direction chaque mois")
