"""Usage brought in by hand, and seen on the account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crm import clock
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey


def test_a_file_of_usage_goes_in_and_shows_on_the_account(demo: Served, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(demo)
    page.locator("[data-role=administrator]").click()
    page.wait_for_url("**/")
    rows = [
        f"Halden Logistics,{clock.today() - timedelta(days=ago)},Journey steps,{40 + ago}\n" for ago in range(2, 61)
    ]
    file = tmp_path / "usage.csv"
    file.write_text("account,day,metric,value\n" + "".join(rows), "utf-8")
    page.goto("/import")
    page.locator("[name=file]").set_input_files(file)
    page.locator("main form:has([name=file]) button[type=submit]").click()
    expect(page.get_by_text("Journey steps").first).to_be_visible()
    page.locator('button[formaction$="/start"]').first.click()
    page.wait_for_load_state()
    expect(page.locator('button[formaction$="/start"]')).to_have_count(0)
    page.goto("/accounts?scope=all&q=Halden")
    account = page.locator("tbody a").first.get_attribute("href")
    page.goto(f"{account}/usage")
    page.locator("tbody a", has_text="Journey steps").click()
    expect(page.get_by_role("heading", name="Journey steps")).to_be_visible()
