"""The quarter's decisions: seen in one click, judged in the cell, moved on the board, followed week by week."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("width", [1280, 390])
def test_the_next_90_days_are_one_click_away(demo: Served, open_page: OpenPage, width: int) -> None:
    page = open_page(demo, "relationship_manager", width=width)
    if width < 768:
        page.get_by_role("button", name="More").click()
        page.locator("#more").get_by_role("link", name="Renewals").click()
    else:
        page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Renewals").click()
    halden = page.locator("#renewals-table tbody tr", has_text="Halden Logistics")
    expect(halden).to_contain_text("at risk")
    expect(halden).to_contain_text("€184")
    expect(page.locator(".renewals__week")).to_contain_text("one account likely → at risk")


def test_a_forecast_is_changed_in_its_cell(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/renewals?when=all")
    row = page.locator("#renewals-table tbody tr", has_text="Van Houdt Transport")
    coverage = page.locator("#renewals-sums")
    row.locator("a[id^=forecast-]").click()
    row.locator("select[name=value]").select_option("commit")
    row.get_by_role("button", name="Save").click()
    expect(row.locator("a[id^=forecast-]")).to_contain_text("commit")
    row.locator("a[id^=amount-]").click()
    row.locator("input[name=value]").fill("90000")
    page.keyboard.press("Enter")
    expect(row.locator("a[id^=amount-]")).to_contain_text("€90")
    expect(row.locator("a[id^=uplift-]")).to_contain_text("+21.6")  # it follows where it stands
    expect(page.locator(".renewals__week")).to_contain_text("likely → commit")  # and so does the week
    expect(coverage).to_be_visible()
    row.locator("a[id^=uplift-]").click()
    row.locator("input[name=value]").fill("plenty")
    page.keyboard.press("Enter")
    expect(row.locator("input[name=value]")).to_have_value("plenty")
    expect(row).to_contain_text("is not a number")
    page.keyboard.press("Escape")
    expect(row.locator("a[id^=uplift-]")).to_contain_text("+21.6")


def test_without_javascript_a_cell_is_a_page(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager", javascript=False)
    page.goto("/renewals?when=all")
    page.locator("#renewals-table tbody tr", has_text="Brodeur").locator("a[id^=forecast-]").click()
    page.locator("[name=value]").select_option("commit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Brodeur")
    expect(page.locator("main")).to_contain_text("commit")


def test_a_card_moves_by_its_menu(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/renewals/board")
    card = page.locator(".card", has_text="Ferrolán")
    before = page.locator(".board__column", has=card).locator("h2").inner_text()
    card.get_by_role("button", name=re.compile("Change the renewal")).click()
    months = card.locator("form[action*='/month'] button")
    target = months.nth(2).inner_text()
    months.nth(2).click()
    expect(page.locator(".board__column", has=page.locator(".card", has_text="Ferrolán")).locator("h2")).to_have_text(
        target
    )
    assert target != before


def test_a_figure_opens_its_movements(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "executive")
    page.goto("/retention?scope=all")
    page.locator("tbody tr", has_text=re.compile("€")).first.locator("a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What the retention is made of")
    page.goto("/retention/records?scope=all")
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ARR of")
