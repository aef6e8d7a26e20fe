"""The week's tasks: made, put off, given away and done; a play started on an account."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("width", [1280, 390])
def test_a_task_from_anywhere_with_two_keys_and_typing(demo: Served, open_page: OpenPage, width: int) -> None:
    page = open_page(demo, "relationship_manager", width=width)
    title = f"Ask for the new site list {width}"
    page.keyboard.press("t")
    page.locator("#drawer [name=account]").fill("corvin")
    page.locator("#drawer [name=title]").fill(title)
    page.locator("#drawer [name=due_on]").fill("demain")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/tasks")
    line = page.locator(".task-row", has_text=title)
    expect(line).to_contain_text("Corvin Aerospace")
    line.get_by_role("button", name=f"Done: {title}").click()
    after = page.locator(".task-row--away", has_text=title)
    after.get_by_label("Done. What came of it?").fill("They sent it")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".task-row--away", has_text="They sent it")).to_be_visible()
    page.locator(".task-row--away", has_text=title).get_by_role("button", name="Undo").click()
    expect(page.locator(".task-row", has_text=title).get_by_role("button", name=f"Done: {title}")).to_be_visible()


def test_put_off_with_one_click_and_taken_back(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/tasks")
    line = page.locator(".task-row", has_text="Get Lars Haugen on the phone")
    line.hover()
    line.get_by_role("button", name="Tomorrow").first.click()
    away = page.locator(".task-row--away", has_text="Get Lars Haugen on the phone")
    expect(away).to_contain_text("moved to")
    away.get_by_role("button", name="Undo").click()
    expect(page.locator(".task-row--away")).to_have_count(0)


def test_what_a_manager_gives_stands_on_the_others_today(demo: Served, open_page: OpenPage) -> None:
    """Without JavaScript: every step is a page and a form."""
    page = open_page(demo, "manager", javascript=False)
    page.goto("/accounts?scope=all&q=Corvin")
    account = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto(f"{account}/tasks/new")
    page.locator("[name=title]").fill("Bring the numbers of the pilot")
    page.locator("[name=due_on]").fill("in 3 weeks")
    page.locator("[name=assignee]").select_option(label="Ana Ruiz")
    page.locator("[name=words]").fill("Henrik waits for them")
    page.get_by_role("button", name="Add the task").click()
    page.goto("/tasks?whose=given")
    expect(page.locator(".task-row", has_text="Bring the numbers of the pilot")).to_contain_text("Ana Ruiz")
    page = open_page(demo, "relationship_manager")
    page.goto("/tasks?q=pilot")
    expect(page.locator(".task-row").first).to_contain_text("from Mia Lindqvist “Henrik waits for them”")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_play_is_started_on_an_account_and_stopped(demo: Served, open_page: OpenPage, javascript: bool) -> None:
    page = open_page(demo, "relationship_manager", javascript=javascript)
    name = "Nordvik" if javascript else "Tessin"
    page.goto("/accounts?scope=all&q=" + name)
    page.goto(page.locator("tbody a").first.get_attribute("href") or "")
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("link", name="Start a play").click()
    page.locator(".play-choice", has_text="Champion left").get_by_role("button", name="Start it").click()
    panel = page.locator("#panel-plays")
    expect(panel).to_contain_text("0 of 3 done")
    panel.locator("summary").click()
    panel.get_by_role("link", name="Stop").click()
    page.locator("[name=reason]").fill("Only a rumour")
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator("#panel-plays")).to_contain_text("stopped: Only a rumour")
