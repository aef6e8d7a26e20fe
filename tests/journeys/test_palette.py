"""From anywhere to anything by a few letters, and through a list without going back to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


def test_three_letters_and_enter_open_an_account_and_what_to_do_with_it(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.type("hal")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Halden Logistics")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/*")
    expect(page.locator("h1")).to_have_text("Halden Logistics")
    page.keyboard.press("Control+k")
    page.keyboard.type("task")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Plan a task here")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/*/tasks/new")


def test_esc_closes_it_and_nothing_was_done(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.keyboard.press("Control+k")
    page.keyboard.type("imp")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()
    assert page.url.endswith("/")


def test_a_list_is_gone_through_record_by_record(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/accounts?sort=name")
    names = page.locator("tbody th a").all_inner_texts()
    page.locator("tbody th a").first.click()
    expect(page.locator("h1")).to_have_text(names[0])
    expect(page.locator("[data-switch] span")).to_have_text(f"1 / {len(names)}")
    page.keyboard.press("j")
    expect(page.locator("h1")).to_have_text(names[1])
    page.keyboard.press("k")
    expect(page.locator("h1")).to_have_text(names[0])
    page.locator("[data-switch] a").first.click()
    expect(page.locator("h1")).to_have_text("Accounts")
    page.goto("/tasks")
    expect(page.locator("[data-switch]")).to_be_hidden()
