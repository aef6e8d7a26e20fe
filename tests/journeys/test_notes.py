"""A talk written down in ten seconds, and the next step that becomes a task."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


def open_account(page: Page, name: str) -> None:
    page.goto("/accounts?scope=all&q=" + name)
    page.locator("table a", has_text=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_note_stands_on_the_timeline_and_its_step_on_the_list(
    demo: Served, open_page: OpenPage, javascript: bool
) -> None:
    page = open_page(demo, "relationship_manager", javascript=javascript)
    words = f"They like the new board ({'with' if javascript else 'without'} JavaScript)"
    step = f"Send the price list {'a' if javascript else 'b'}"
    open_account(page, "Corvin")
    form = page.locator("form:has([name=body])").first
    form.locator("[name=channel]").select_option("call")
    form.locator("[name=body]").fill(words)
    form.locator("[name=next_step]").fill(step)
    form.locator("[name=next_on]").fill("tomorrow")
    form.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text(words).first).to_be_visible()
    page.goto("/tasks")
    expect(page.get_by_text(step).first).to_be_visible()


def test_the_keyboard_is_enough(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/accounts*")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/*")
    page.keyboard.press("n")
    page.keyboard.type("Typed without a mouse")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".timeline__item, .timeline li", has_text="Typed without a mouse").first).to_be_visible()


def test_a_note_without_words_is_asked_for_and_keeps_the_rest(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, "relationship_manager", javascript=False)
    open_account(page, "Corvin")
    form = page.locator("form:has([name=body])").first
    form.locator("[name=next_step]").fill("Keep this step")
    form.get_by_role("button", name="Save the note").click()
    expect(page.locator("[name=next_step]").first).to_have_value("Keep this step")
