"""The list as one's own: a view saved, many accounts changed at once and taken back, two people on one form."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


def both() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


def headings(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("thead th:not(.pick)").all_inner_texts()]


@both()
def test_columns_are_chosen_and_kept_as_a_view(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    page = open_page(demo, "relationship_manager", javascript=javascript)
    page.goto("/accounts?scope=all&band=red")
    page.get_by_role("link", name="Columns").click()
    page.get_by_role("checkbox", name="Plants").check()
    page.get_by_role("checkbox", name="Why").uncheck()
    page.get_by_role("button", name="ARR further left").click()
    expect(page.locator("[name=order]").nth(3)).to_have_value("arr")
    page.get_by_role("button", name="Show these columns").click()
    page.wait_for_url(re.compile("columns="))
    shown = headings(page)
    assert "Plants" in shown
    assert "Why" not in shown
    assert shown.index("ARR") < shown.index("Open")

    title = f"Red ones ({'with' if javascript else 'without'} JavaScript)"
    page.goto(f"/views/new?of=accounts&query={page.url.partition('?')[2].replace('&', '%26').replace('=', '%3D')}")
    page.locator("[name=title]").fill(title)
    page.get_by_role("button", name="Save the view").click()
    page.wait_for_url(re.compile("view="))
    assert headings(page) == shown
    expect(page.get_by_role("button", name=f"Views: {title}")).to_be_visible()


@both()
def test_many_accounts_are_changed_and_taken_back(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    page = open_page(demo, "manager", javascript=javascript)
    page.goto("/accounts?scope=team&sort=account")
    assert not javascript or violations(page) == []  # axe is a script
    for row in range(3):
        page.locator("[data-pick]").nth(row).check()
    page.get_by_role("button", name="Change the tags").click()
    expect(page.get_by_role("button", name="Change 3 accounts")).to_be_visible()
    assert not javascript or violations(page) == []  # axe is a script
    tag = f"review {'a' if javascript else 'b'}"
    page.locator("[name=add]").fill(tag)
    page.get_by_role("button", name="Change 3 accounts").click()
    expect(page.get_by_text("3 changed")).to_be_visible()
    assert not javascript or violations(page) == []  # axe is a script
    page.goto(f"/accounts?scope=team&tag={tag}")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.go_back()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 taken back")).to_be_visible()
    page.goto(f"/accounts?scope=team&tag={tag}")
    expect(page.locator("tbody tr")).to_have_count(0)


def test_one_key_takes_a_change_back(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/accounts?scope=mine&sort=account&q=Corvin")
    step = page.locator("a.cell-edit[id^=next-]").first
    before = step.inner_text()
    step.click()
    page.locator(".cell-form [name=next]").fill("Write to Henrik")  # its day stays, so it stays the next one
    page.keyboard.press("Enter")
    expect(page.locator(".toast", has_text="Next step: Write to Henrik")).to_be_visible()
    expect(step).to_contain_text("Write to Henrik")
    page.locator("h1").click()
    page.keyboard.press("z")
    expect(page.locator(".toast", has_text="Taken back")).to_be_visible()
    assert step.inner_text() == before


@both()
def test_two_people_on_one_form(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    mine = open_page(demo, "relationship_manager", javascript=javascript)
    theirs = open_page(demo, "manager", javascript=javascript)
    mine.goto("/accounts?scope=mine&q=Aldermoor")
    address = f"{mine.locator('tbody a[data-row-link]').first.get_attribute('href')}/details"
    industries = ("Ice cream", "Bakery") if javascript else ("Dairy", "Milk")
    for page in (mine, theirs):
        page.goto(address)
    theirs.locator("[name=industry]").fill(industries[0])
    theirs.get_by_role("button", name="Save the details").click()
    theirs.wait_for_url(re.compile(r"/accounts/\d+$"))
    mine.locator("[name=industry]").fill(industries[1])
    mine.get_by_role("button", name="Save the details").click()
    expect(mine.get_by_text("Mia Lindqvist changed this while you were writing")).to_be_visible()
    assert not javascript or violations(mine) == []
    mine.get_by_role("button", name="Take theirs").click()
    mine.wait_for_url(re.compile(r"/accounts/\d+$"))
    mine.goto(address)
    expect(mine.locator("[name=industry]")).to_have_value(industries[0])
