"""A champion leaves in one click and comes back in one; two rows of one person become one, and two again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey

COMPANY = "Corvin"  # where Katrin Albers works


def open_person(page: Page, name: str) -> None:
    page.goto("/search?q=" + name.replace(" ", "+"))
    page.locator('a[href^="/contacts/"]', has_text=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_champion_left_is_one_click_and_so_is_taking_it_back(
    demo: Served, open_page: OpenPage, javascript: bool
) -> None:
    page = open_page(demo, "relationship_manager", javascript=javascript)
    open_person(page, "Katrin Albers")
    page.get_by_role("button", name="Champion left").click()
    expect(page.locator("main")).to_contain_text("Left on")
    page.goto(f"/tasks?q={COMPANY}")  # of the play that answers a champion who leaves
    expect(page.locator("main")).to_contain_text("Ask the sponsor who speaks for us now")
    open_person(page, "Katrin Albers")
    page.get_by_role("button", name="They are still there").click()
    expect(page.get_by_role("button", name="Champion left")).to_be_visible()
    page.goto(f"/tasks?q={COMPANY}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tasks")
    expect(page.locator("main")).not_to_contain_text("Ask the sponsor who speaks for us now")


def test_the_message_offers_to_undo_it(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager", width=390)
    open_person(page, "Katrin Albers")
    page.get_by_role("button", name="Champion left").click()
    page.locator("#toasts [data-undo]").click()
    expect(page.get_by_role("button", name="Champion left")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_one_person_twice_is_merged_and_parted(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    page = open_page(demo, "relationship_manager", javascript=javascript)
    page.goto("/contacts/duplicates")
    page.get_by_role("link", name="Compare Eirik Nygård and Eirik Nygård").click()
    expect(page.locator("main")).to_contain_text("nygard-hjem.example")
    page.get_by_role("button", name="They are one person").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Eirik Nygård")
    expect(page.locator("main")).to_contain_text("Merged")
    merged = page.url
    page.goto("/contacts/duplicates")
    expect(page.locator("main")).not_to_contain_text("Eirik")
    page.goto(merged)
    page.get_by_role("button", name="They are two people").click()
    page.goto("/contacts/duplicates")
    expect(page.locator("main")).to_contain_text("Eirik")


def test_the_map_and_its_table_say_the_same(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/accounts?scope=all&q=Halden")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Who knows whom").click()
    picture = page.locator(".relations")
    expect(picture).to_contain_text("against us")
    lines = picture.locator("path.relations__line").count()
    cells = page.locator("tbody td[data-label='Speaks with'] span[title]").count()
    assert lines == cells > 0
