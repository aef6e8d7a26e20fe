"""Every page in both themes, on a screen and a phone: nothing axe objects to, and nothing wider than the window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.axe import violations
from tests.journeys.conftest import OpenPage, Served

pytestmark = pytest.mark.journey

PAGES = [
    "/",
    "/accounts",
    "/accounts?scope=all&q=nobody-is-called-this",
    "{account}",
    "{account}/health",
    "{account}/health/urgent_open",
    "{account}/health/usage",
    "{account}/usage",
    "{account}/nps",
    "{account}/invoices",
    "{account}/notes/new",
    "/renewals",
    "/renewals?scope=all&when=all",
    "/renewals/board?scope=all",
    "/renewals/changes?scope=all",
    "/retention?scope=all",
    "/retention?scope=all&by=cohort",
    "/retention/records?scope=all",
    "{account}/contracts",
    "{account}/contacts",
    "{account}/parent",
    "{contact}",
    "{contact}/merge",
    "{contact}/accounts/new",
    "/contacts/duplicates",
    "{pair}",
    "/settings/partner-domains",
    "{account}/pulse",
    "{account}/pulse/new",
    "{account}/risks/new",
    "{account}/promises/new",
    "{goal}",
    "/risks",
    "/risks?scope=all&reason=other",
    "{risk}",
    "/pulse",
    "/tasks",
    "/tasks?whose=all&state=done",
    "/tasks/new",
    "/plays",
    "{play}",
    "{play}/runs",
    "{play}/edit",
    "/plays/start?account_id={account_id}",
    "/tickets",
    "{ticket}",
    "/tickets?scope=all&due=72&channel=written",
    "/tickets/on-time?scope=all",
    "/tickets/on-time?scope=all&hours=72&sort=due",
    "/tickets/complete?scope=all",
    "/tickets/unmatched",
    "/settings/service-targets",
    "/settings/service-targets/rule?channel=email",
    "/settings/service-targets/rule?tier=enterprise&channel=phone",
    "/settings/hours",
    "/settings/hours/1",
    "/import",
    "/import/tickets",
    "/search?q=ha",
    "/settings/health",
    "/settings/users",
    "/settings/fields",
    "{field}",
    "{field}?kind=text",
    "/accounts/columns?scope=all",
    "/views/new?of=accounts&query=scope%3Dall",
    "/views/menu?of=accounts",
    "/notes/new",
    "{account}/tags",
    "/settings/webhooks",
    "/settings/api",
    "/settings/helpdesks",
    "/api-reference",
    "{account}/brief",
    "/mail",
    "/me/calendars",
    "/me",
    "/no-such-page",
]


def places(page: Page) -> dict[str, str]:
    page.goto("/accounts?scope=all&q=Halden")
    account = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto("/tickets?scope=all")
    ticket = page.locator('tbody a[href^="/tickets/"]').first.get_attribute("href") or ""
    page.goto("/settings/fields")
    field = page.locator('tbody a[href^="/settings/fields/"]').first.get_attribute("href") or ""
    page.goto("/search?q=Solveig")
    contact = page.locator('a[href^="/contacts/"]').first.get_attribute("href") or ""
    page.goto("/contacts/duplicates")
    pair = page.locator('a[href*="/merge/"]').first.get_attribute("href") or ""
    page.goto("/risks?scope=all")
    risk = page.locator("tbody a[data-row-link]").first.get_attribute("href") or ""
    page.goto(account)
    goal = page.locator("#panel-goals .matters__title").first.get_attribute("href") or ""
    page.goto("/plays")
    play = page.locator("tbody th a").first.get_attribute("href") or ""
    return {
        "account": account,
        "account_id": account.rpartition("/")[2],
        "play": play,
        "ticket": ticket,
        "field": field,
        "contact": contact,
        "pair": pair,
        "risk": risk,
        "goal": goal,
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_is_closed_to_anybody(demo: Served, open_page: OpenPage, theme: str, width: int) -> None:
    page = open_page(demo, "administrator", theme=theme, width=width)
    found = places(page)
    wrong = []
    for path in PAGES:
        address = path.format(**found)
        page.goto(address)
        wrong += [f"{address} {one}" for one in violations(page)]
        overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overhang > 0:
            wrong.append(f"{address} is {overhang} px wider than the window")
    assert not wrong, "\n".join(wrong)


def test_pages_before_the_door(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo)
    assert violations(page) == []
    page.goto("/sign-in?with=password")
    assert violations(page) == []


def test_every_page_speaks_french(demo: Served, open_page: OpenPage) -> None:
    page = open_page(demo, language="fr")
    assert page.locator("html").get_attribute("lang") == "fr"
    page = open_page(demo, "executive", language="fr")
    for path, word in {"/": "Aujourd’hui", "/accounts": "Comptes", "/tickets": "Tickets"}.items():
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == "fr"
        assert word in page.locator("h1").inner_text()
