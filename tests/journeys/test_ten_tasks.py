"""The commonest tasks, each within its budget of clicks and keys, counted from the home page as a person makes them.

Three ways: a keyboard and JavaScript (``keys``), a mouse without JavaScript (``plain``), a thumb on a phone
(``phone``). Counted is every click and every key that is not typing. Going from one field to the next of the same form
belongs to typing; going into a form that is not focused does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from crm.pdf import missing_library
from tests.journeys.conftest import OpenPage, Served, opened

pytestmark = pytest.mark.journey


class Hand:
    """What a person does on ``page``, counted."""

    def __init__(self, page: Page, way: str) -> None:
        self.page, self.way, self.count = page, way, 0

    def click(self, what: Locator) -> None:
        self.count += 1
        what.click()

    def press(self, key: str) -> None:
        assert self.way == "keys", "only a keyboard has keys"
        self.count += 1
        self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        """Into what has the focus; without one the letters would go nowhere."""
        expect(self.page.locator("input:focus, textarea:focus")).to_be_visible()
        self.page.keyboard.type(words)

    def write(self, form: str, name: str, words: str) -> None:
        """By the Tab key, or the key for the next field of a phone's keyboard, from another field of the same form."""
        field = self.page.locator(f"{form} [name={name}]")
        expect(field).to_be_visible()
        here = self.page.locator(f"{form} [name={name}]:focus")
        while not here.count() and self.page.locator(f"{form}:focus-within").count():
            self.page.keyboard.press("Tab")
        if not here.count():
            self.click(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(words)

    def within(self, budget: int) -> None:
        assert self.count <= budget, f"{self.count} clicks and keys where {budget} are promised"


@pytest.fixture(scope="module", params=["keys", "plain", "phone"])
def signed_in(request: pytest.FixtureRequest, demo: Served, chromium: Browser) -> Iterator[tuple[Page, str]]:
    """One browser for all tasks of one way."""
    way = request.param
    with opened(chromium) as open_page:
        width = 390 if way == "phone" else 1280
        yield open_page(demo, "relationship_manager", javascript=way != "plain", width=width), way


@pytest.fixture
def hand(signed_in: tuple[Page, str]) -> Hand:
    page, way = signed_in
    page.goto("/")
    return Hand(page, way)


def go_to_accounts(hand: Hand) -> None:
    if hand.way == "phone":
        hand.click(hand.page.locator(".bar-nav").get_by_role("link", name="Accounts"))
    else:
        hand.click(hand.page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Accounts"))


def test_1_who_needs_me_today_and_why(hand: Hand) -> None:
    first = hand.page.locator(".today-row").first
    expect(first.locator(".today-row__name")).not_to_be_empty()
    expect(first.locator(".today-row__reason")).to_contain_text(re.compile(r"\w+ \w+"))
    expect(first).to_be_in_viewport()
    hand.within(0)


def test_2_an_account_by_its_name(hand: Hand) -> None:
    if hand.way == "keys":
        hand.press("Control+k")
        hand.type("hal")
        expect(hand.page.locator("#palette [aria-selected=true]")).to_contain_text("Halden Logistics")
        hand.press("Enter")
    else:
        go_to_accounts(hand)
        hand.click(hand.page.locator("tbody").get_by_role("link", name="Halden Logistics", exact=True))
    expect(hand.page.get_by_role("heading", level=1)).to_have_text("Halden Logistics")
    hand.within(2)


def test_3_a_call_is_written_down(hand: Hand) -> None:
    page, words = hand.page, f"They asked for the new terms ({hand.way})"
    if hand.way == "keys":
        hand.press("n")
    elif hand.way == "phone":
        hand.click(page.locator(".bar-nav").get_by_role("link", name="Note"))
    else:
        hand.click(page.get_by_role("link", name="New note"))
    hand.write("#note-form", "account", "corvin")
    hand.write("#note-form", "body", words)
    if hand.way == "keys":
        hand.press("Control+Enter")
    else:
        hand.click(page.locator("#note-form").get_by_role("button", name="Save the note"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Corvin Aerospace")
    expect(page.locator("#panel-timeline")).to_contain_text(words)
    hand.within(2)


def test_4_one_thing_of_the_day_is_done(hand: Hand) -> None:
    row = hand.page.locator(".today-row").last
    hand.click(row.get_by_role("button", name="Done"))
    away = hand.page.locator(".today-row--away, #marked")
    expect(away).to_contain_text("Done. What came of it?")
    hand.within(1)
    hand.click(away.get_by_role("button", name="Undo"))
    expect(hand.page.locator(".today-row--away, #marked")).to_have_count(0)


def test_5_a_task_with_its_owner_and_day(hand: Hand) -> None:
    page, title = hand.page, f"Ask for the floor plan ({hand.way})"
    if hand.way == "keys":
        hand.press("t")
    else:
        hand.click(page.get_by_role("link", name="New task").locator("visible=true"))
    hand.write("#task-form", "account", "corvin")
    hand.write("#task-form", "title", title)
    hand.write("#task-form", "due_on", "tomorrow")
    if hand.way == "keys":
        hand.press("Enter")
    else:
        hand.click(page.locator("#task-form").get_by_role("button", name="Add the task"))
    expect(page.locator("#drawer[open]")).to_have_count(0)
    hand.within(2)
    page.goto("/tasks?q=floor+plan")
    expect(page.locator(".task-row", has_text=title)).to_contain_text("Corvin Aerospace")


def test_6_why_a_score_fell(hand: Hand) -> None:
    fell = hand.page.locator(".today-row", has_text=re.compile(r"score \d+ → \d+ in 30 days")).first
    before, now = re.findall(r"score (\d+) → (\d+)", fell.inner_text())[0]
    assert int(now) < int(before)
    hand.click(fell.get_by_role("link", name=re.compile(r"score \d+ → \d+")))
    hand.page.wait_for_url("**/health")
    points = hand.page.locator("main")
    expect(points).to_contain_text(re.compile(rf"= {now}\b"))  # what was taken off adds up
    expect(points).to_contain_text(re.compile(r"−\d+"))
    hand.within(1)


def test_7_the_renewals_of_the_next_90_days(hand: Hand) -> None:
    page = hand.page
    if hand.way == "phone":
        hand.click(page.locator("#decisions").get_by_role("link", name="Next 90 days"))
    else:
        hand.click(page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Renewals"))
    halden = page.locator("#renewals-table tbody tr", has_text="Halden Logistics")
    expect(halden).to_contain_text("at risk")
    expect(halden).to_contain_text("€184")
    hand.within(1)


def test_8_a_play_on_several_accounts(hand: Hand) -> None:
    """Counted from the list on which they are chosen, without the choosing."""
    page = hand.page
    go_to_accounts(hand)
    page.wait_for_url("**/accounts*")
    for row in (1, 2, 3):
        page.locator("[data-pick]").nth(row).check()
    hand.count = 0
    hand.click(page.locator("#bulk").get_by_role("button", name="Start a play"))
    hand.click(page.get_by_role("button", name=re.compile(": Start it on 3 accounts")).first)
    expect(page.get_by_text(re.compile(r"\d changed"))).to_be_visible()
    hand.within(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile(r"\d taken back"))).to_be_visible()


@pytest.mark.skipif(missing_library() is not None, reason="Pango is not installed")
def test_9_the_report_for_executives(hand: Hand) -> None:
    """The PDF itself, ready to be passed on."""
    page = hand.page
    row = page.locator(".today-row", has_text="Halden Logistics")
    hand.click(row.locator(".today-row__name a"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Halden Logistics")
    hand.click(page.get_by_role("button", name="Report"))
    link = page.get_by_role("link", name="PDF in English")
    expect(link).to_be_visible()
    hand.count += 1  # a browser without a window downloads what it would show, so the answer is asked for
    answer = page.request.get(f"{page.url.split('/accounts')[0]}{link.get_attribute('href')}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    hand.within(3)


def test_the_counter_counts(demo: Served, open_page: OpenPage) -> None:
    """A budget that is not held fails."""
    hand = Hand(open_page(demo, "relationship_manager"), "keys")
    hand.press("t")
    expect(hand.page.locator("#task-form [name=account]")).to_be_focused()
    hand.write("#task-form", "title", "By Tab, which is typing")
    assert hand.count == 1
    hand.page.keyboard.press("Escape")
    hand.write(".rail__search", "q", "a click into a field that had no focus")
    assert hand.count == 2
    with pytest.raises(AssertionError, match="2 clicks and keys where 1 are promised"):
        hand.within(1)
