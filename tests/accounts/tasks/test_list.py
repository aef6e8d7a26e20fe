"""The list of tasks: whose, by day, found by words, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from accounts import service
from accounts.models import Account
from accounts.tasks.listing import PAGE_SIZE
from crm.identity.models import User
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)
AsUser = Callable[[Viewer], User]


@pytest.fixture
def add(session: Session, acme: Account, ana: Viewer, as_user: AsUser) -> Callable[..., Any]:
    def made(title: str, days: int = 0, *, who: Viewer = ana, by: Viewer = ana, account: Account = acme) -> Any:
        due_on = TODAY + timedelta(days=days)
        task = service.create_task(session, by, account, title=title, due_on=due_on, assignee=as_user(who))
        session.commit()
        return task

    return made


def titles(page: str) -> list[str]:
    return re.findall(r"data-row-link>[^<]*</a> <span>([^<]*)</span></p>", page)


def test_the_late_come_first_then_day_by_day(as_ana: Any, add: Callable[..., Any]) -> None:
    for title, days in (("next", 7), ("late", -2), ("today", 0), ("tomorrow", 1), ("later", -9)):
        add(title, days)
    page = as_ana.get("/tasks").text
    assert titles(page) == ["later", "late", "today", "tomorrow", "next"]
    assert re.findall(r"<h2>([^<]+) <span", page) == ["Late", "Today", "Tomorrow", "Monday 30 November 2026"]
    assert "5 to do, 2 late" in page


def test_whose_they_are(
    as_ana: Any, add: Callable[..., Any], ana: Viewer, ben: Viewer, zoe: Viewer, make_account: Callable[..., Account]
) -> None:
    add("mine")
    add("for ben", who=ben)
    add("his own", who=ben, by=ben)
    add("zoe's", who=zoe, by=zoe, account=make_account("Zeta", owner=zoe))
    assert titles(as_ana.get("/tasks").text) == ["mine"]
    assert set(titles(as_ana.get("/tasks?whose=team").text)) == {"mine", "for ben", "his own"}
    assert titles(as_ana.get("/tasks?whose=given").text) == ["for ben"]
    assert len(titles(as_ana.get("/tasks?whose=all").text)) == 4
    assert len(titles(as_ana.get(f"/tasks?whose=all&person={ben.user_id}").text)) == 2


@pytest.mark.settings(books="own")
def test_tasks_of_accounts_out_of_sight_are_not_listed(
    as_ana: Any, add: Callable[..., Any], zoe: Viewer, make_account: Callable[..., Account]
) -> None:
    foreign = make_account("Zeta", owner=zoe)
    add("mine")
    add("zoe's", who=zoe, by=zoe, account=foreign)
    assert titles(as_ana.get("/tasks?whose=all").text) == ["mine"]
    assert as_ana.get(f"/tasks?account={foreign.id}").status_code == 404


def test_found_by_words_or_account(
    as_ana: Any, add: Callable[..., Any], acme: Account, make_account: Callable[..., Account]
) -> None:
    add("Send the 50 % offer")
    add("Call Iris", account=make_account("Brodeur et Fils"))
    offer = ["Send the 50 % offer"]
    for query, found in (("offer", offer), ("%", offer), ("brodeur", ["Call Iris"])):
        assert titles(as_ana.get("/tasks", params={"q": query}).text) == found
    assert titles(as_ana.get(f"/tasks?account={acme.id}").text) == ["Send the 50 % offer"]
    assert "No task is found like that." in as_ana.get("/tasks?q=nothing").text


def test_what_was_done_comes_last_first(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, add: Callable[..., Any]
) -> None:
    for title in ("first", "second"):
        service.complete_task(session, ana, acme, add(title), outcome="fine")
        session.commit()
    page = as_ana.get("/tasks?state=done").text
    assert titles(page) == ["second", "first"]
    assert "Open again" in page


@pytest.mark.parametrize("done", [False, True])
def test_pages_show_each_task_once(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, add: Callable[..., Any], done: bool
) -> None:
    wanted = {f"task {n}" for n in range(PAGE_SIZE * 2 + 3)}
    for title in sorted(wanted):
        task = service.create_task(session, ana, acme, title=title, due_on=TODAY + timedelta(days=len(title) % 3))
        if done:
            service.complete_task(session, ana, acme, task)
    session.commit()
    seen: list[str] = []
    address = "/tasks?state=done" if done else "/tasks"
    for _ in range(3):
        page = as_ana.get(address).text
        seen += titles(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert (sorted(seen), address) == (sorted(wanted), "")


@pytest.mark.parametrize("after", ["x", "2026-11-23.", "2026-11-23.x", "9" * 40 + ".1", ".", "2026-11-23." + "9" * 30])
def test_a_cursor_of_nothing_shows_the_first_page(as_ana: Any, add: Callable[..., Any], after: str) -> None:
    add("one")
    for state in ("", "done"):
        assert as_ana.get("/tasks", params={"after": after, "state": state, "person": "x"}).status_code == 200


def test_the_list_takes_as_many_statements_however_much_there_is(
    as_ana: Any, add: Callable[..., Any], ben: Viewer, count_queries: Callable[..., int]
) -> None:
    add("one")
    paths = ("/tasks", "/tasks?whose=team", "/tasks?whose=all&q=task")
    few = [count_queries(lambda path=path: as_ana.get(path)) for path in paths]
    for number in range(12):
        add(f"task {number}", number - 4, who=ben)
        add(f"mine {number}", number - 4)
    assert [count_queries(lambda path=path: as_ana.get(path)) for path in paths] == few
