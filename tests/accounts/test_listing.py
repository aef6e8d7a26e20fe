"""The list of accounts: order, pages, filters, totals, file, and what it costs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts import service
from accounts.listing.columns import ACCOUNT_COLUMNS
from accounts.listing.query import Cursor, columns_for, read_cursor, read_query, write_cursor
from accounts.listing.statement import read_page, read_totals
from accounts.models import Account, Channel, Direction, OwnField, OwnFieldKind, Stage, Tier
from accounts.names import fold
from accounts.own.columns import own_columns
from accounts.own.queries import fields_of_lists
from accounts.tags.columns import TAG_COLUMNS
from crm import clock
from crm.contracts import AccountColumn, ColumnContext
from crm.viewer import Viewer, system_viewer

TODAY = date(2026, 11, 23)
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def _later(context: ColumnContext) -> Any:
    """A contributed source: half of the accounts have no row, some rows have no value, many values are the same."""
    value = col(Account.seats)
    return core_select(col(Account.id).label("account_id"), value.label("score")).where(col(Account.seats) != 0)


SCORE = AccountColumn(
    key="score", title="Score", source=_later, value=("score",), cell="", csv=lambda row: row and row.score, order=10,
    sort="score",
)  # fmt: skip
COLUMNS = (*ACCOUNT_COLUMNS, SCORE)


def walk(session: Session, viewer: Viewer, address: str, size: int, *, backward: bool = False) -> list[str]:
    """Names of all rows, page after page."""
    context = ColumnContext(viewer, clock.now(), TODAY)
    columns = columns_for((*COLUMNS, *TAG_COLUMNS, *own_columns(fields_of_lists(session))), viewer)
    pairs = [tuple(pair.split("=", 1)) for pair in address.split("&") if pair]
    query = read_query([("scope", "all"), *pairs], columns, viewer)  # type: ignore[list-item]
    shown = [column for column in columns if column.key in ("account", query.sort)]
    names: list[str] = []
    for _ in range(200):
        found = read_page(session, columns, shown, query, context, size)
        assert len(found.rows) <= size
        names += [row.account.name for row in found.rows]
        if not found.next:
            break
        query = replace(query, after=found.next, before="")
    if not backward:
        return names
    back = [row.account.name for row in found.rows]
    while found.previous:
        query = replace(query, after="", before=found.previous)
        found = read_page(session, columns, shown, query, context, size)
        back = [row.account.name for row in found.rows] + back
    assert back == names  # the way back shows the same
    return names


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([None, 0, 1, 2, 2**40]),  # the contributed value; 0: no row at all
            st.sampled_from([None, date(2026, 12, 1), date(2027, 1, 1)]),
            st.sampled_from([0, 100, 100_000]),
            st.sampled_from(["acme", "Ácme", "Zebra", "zebra 2"]),
        ),
        max_size=13,
    ),
    size=st.integers(1, 5),
    descending=st.booleans(),
    sort=st.sampled_from(["score", "decides", "arr", "account"]),
)
def test_pages_show_every_row_once_in_order_with_the_unknown_last(
    session: Session, admin: Viewer, rows: list[tuple[int | None, date | None, int, str]], size: int, descending: bool,
    sort: str,
) -> None:  # fmt: skip
    made = []
    for number, (score, decides, arr, name) in enumerate(rows):
        account = Account(
            id=1_000 - number * 7 % 13 * 50, name=f"{name} #{number}", name_folded=fold(name), stage_entered_on=TODAY,
            seats=None if score is None else min(score, 2**30), decides_on=decides, arr_minor=arr,
        )  # fmt: skip
        session.add(account)
        made.append(account)
    session.flush()

    def known(account: Account) -> Any:
        return {
            "score": account.seats or None,
            "decides": account.decides_on,
            "arr": account.arr_minor,
            "account": account.name_folded,
        }[sort]

    expected = sorted(
        (one for one in made if known(one) is not None), key=lambda one: (known(one), one.id), reverse=descending
    ) + sorted((one for one in made if known(one) is None), key=lambda one: one.id, reverse=descending)
    address = f"sort={'-' if descending else ''}{sort}"
    assert walk(session, admin, address, size, backward=True) == [one.name for one in expected]
    session.rollback()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, int),
        (3, int),
        (2**60, int),
        (0.1 + 0.2, float),
        ("Ünï \\ \" ' é", str),
        (TODAY, date),
        (datetime(2026, 11, 23, 9, 30, 1, 123456, tzinfo=clock.company_zone()), datetime),
    ],
)
def test_a_cursor_comes_back_as_it_was(value: Any, kind: type) -> None:
    assert read_cursor(write_cursor(Cursor(value, 2**62)), kind) == Cursor(value, 2**62)


@pytest.mark.parametrize(
    "nonsense",
    ["", "x", "%%%", "W10", "bnVsbA", "WzEsMl0x", write_cursor(Cursor("text", 1)), write_cursor(Cursor(1, 2**70))],
)
def test_what_cannot_be_read_means_the_first_page(nonsense: str) -> None:
    assert read_cursor(nonsense, date) is None


# --- filters ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def book(session: Session, ana: Viewer, ben: Viewer, zoe: Viewer, make_account: Callable[..., Account]) -> None:
    system = system_viewer()
    acme = make_account("Acme", tier=Tier.ENTERPRISE)
    brodeur = make_account("Brodeur et Fils", owner=ben, stage=Stage.ONBOARDING)
    make_account("Corvin", owner=zoe, tier=Tier.LOW_TOUCH)
    make_account("Delta 100%", owner=None)
    gone = make_account("Gone")
    service.add_contract(session, system, acme, starts_on=date(2025, 1, 1), ends_on=date(2026, 12, 31), notice_days=20)
    service.add_contract(session, system, brodeur, starts_on=date(2025, 1, 1), ends_on=date(2027, 2, 1), notice_days=0)
    service.change_stage(session, system, gone, Stage.CHURNED, on=TODAY)
    service.create_task(session, ana, acme, title="Call", due_on=TODAY - timedelta(days=1))
    service.create_task(session, ben, brodeur, title="Offer", due_on=TODAY + timedelta(days=30))
    own = OwnField(key="segment", title="Segment", kind=OwnFieldKind.CHOICE, choices=["Retail", "Public"])
    session.add(own)
    session.flush()
    service.set_own_value(session, system, acme, own, "Retail")
    service.set_own_value(session, system, brodeur, own, "Public")
    session.commit()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ["Acme", "Brodeur et Fils", "Corvin", "Delta 100%"]),
        ("q=brodeur", ["Brodeur et Fils"]),
        ("q=BRÔDEUR", ["Brodeur et Fils"]),
        ("q=%", ["Delta 100%"]),
        ("q=_", []),
        ("tier=enterprise", ["Acme"]),
        ("tier=enterprise&tier=low_touch", ["Acme", "Corvin"]),
        ("tier=gold", []),
        ("stage=onboarding", ["Brodeur et Fils"]),
        ("stage=churned", ["Gone"]),
        ("stage=any", ["Acme", "Brodeur et Fils", "Corvin", "Delta 100%", "Gone"]),
        ("decides=30", ["Acme"]),
        ("decides=quarter", ["Acme"]),
        ("decides=180", ["Acme", "Brodeur et Fils"]),
        ("decides=unknown", ["Corvin", "Delta 100%"]),
        ("decides=never", []),
        ("next=late", ["Acme"]),
        ("next=none", ["Corvin", "Delta 100%"]),
        ("next=week", []),
        ("owner=nobody", ["Delta 100%"]),
        ("owner=99999999999999999999", []),
        ("owner=abc", []),
        ("own.segment=Retail", ["Acme"]),
        ("own.segment=Retail&own.segment=Public", ["Acme", "Brodeur et Fils"]),
        ("own.segment=retail", []),
        ("own.segment=-", ["Corvin", "Delta 100%"]),
        ("own.nothing=Retail", ["Acme", "Brodeur et Fils", "Corvin", "Delta 100%"]),
        (
            "unknown=1&sort=nothing&columns=nothing,&after=x&scope=mars",
            ["Acme", "Brodeur et Fils", "Corvin", "Delta 100%"],
        ),
    ],
)
def test_filters(session: Session, book: None, admin: Viewer, address: str, expected: list[str]) -> None:
    assert walk(session, admin, f"sort=account&{address}" if "sort=" not in address else address, 50) == expected


def test_scopes(session: Session, book: None, ana: Viewer, ben: Viewer, mia: Viewer, zoe: Viewer, as_user: Any) -> None:
    assert walk(session, ana, "scope=mine&sort=account", 50) == ["Acme"]
    assert walk(session, ana, "scope=team&sort=account", 50) == ["Acme", "Brodeur et Fils"]
    assert walk(session, mia, "scope=mine&sort=account", 50) == []
    corvin = session.scalars(core_select(Account).where(col(Account.name) == "Corvin")).one()
    service.add_cover(session, zoe, corvin, as_user(ana), from_on=TODAY, to_on=TODAY)
    assert walk(session, ana, "scope=mine&sort=account", 50) == ["Acme", "Corvin"]  # covered is mine for the while


def test_owner_is_a_filter_by_id(session: Session, book: None, admin: Viewer, ben: Viewer) -> None:
    assert walk(session, admin, f"owner={ben.user_id}", 50) == ["Brodeur et Fils"]


def test_totals_are_of_the_whole_list(session: Session, book: None, admin: Viewer) -> None:
    accounts = {one.name: one for one in session.scalars(core_select(Account))}
    accounts["Acme"].arr_minor, accounts["Corvin"].arr_minor = 100, 23
    accounts["Delta 100%"].arr_minor, accounts["Delta 100%"].currency = 1_000, "USD"
    session.flush()
    context = ColumnContext(admin, clock.now(), TODAY)
    query = read_query([("scope", "all")], COLUMNS, admin)
    totals = read_totals(session, COLUMNS, COLUMNS, query, context)
    assert totals.count == 4
    assert totals.by_column["arr"] == {"arr_minor": 123, "currency": "EUR", "elsewhere": 1}
    assert totals.by_column["decides"] == {"quarter": 1}
    assert [name for _, name in totals.choices["owner"]] == ["Ana Duarte", "Ben Okafor", "Zoe Marchand"]


# --- pages -----------------------------------------------------------------------------------------------------------


def names_on(page: str) -> list[str]:
    return re.findall(r"data-row-link>([^<]+)</a>", page)


def test_the_page_and_its_parts(as_ana: Any, book: None) -> None:
    whole = as_ana.get("/accounts")
    assert names_on(whole.text) == ["Acme"]
    assert "<html" in whole.text
    part = as_ana.get("/accounts?scope=all&sort=account&q=", headers=HTMX)
    assert part.text.lstrip().startswith('<div id="accounts-list"')
    assert names_on(part.text) == ["Acme", "Brodeur et Fils", "Corvin", "Delta 100%"]
    assert part.headers["HX-Push-Url"] == "/accounts?scope=all&sort=account"
    assert "HX-Request" in part.headers["Vary"]


def test_the_heading_sorts_and_the_filters_stay(as_ana: Any, book: None) -> None:
    page = as_ana.get("/accounts?scope=all&decides=180").text
    assert 'href="/accounts?scope=all&amp;decides=180&amp;sort=-arr"' in page
    assert '<option value="180" selected>' in page
    assert '<input type="hidden" name="scope" value="all">' in page
    assert 'aria-sort="ascending"' in page
    cleared = re.search(r'href="([^"]+)">Clear<', page)
    assert cleared is not None
    assert cleared[1] == "/accounts?scope=all"


def test_optional_columns_are_asked_for_in_the_address(as_ana: Any, book: None) -> None:
    assert "onboarding" not in re.sub(r"<option.*?</option>", "", as_ana.get("/accounts?scope=all").text)
    page = as_ana.get("/accounts?scope=all&columns=stage,owner").text
    assert '<td data-label="Stage"><span title="since 6 January 2025">onboarding</span></td>' in page


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("?q=nobody-is-named-so", "No account fits these filters."),
        ("", "You have no accounts yet."),
        ("?scope=team", "Your team has no accounts yet."),
        ("?scope=all", "There are no accounts yet."),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(as_ana: Any, address: str, words: str) -> None:
    page = as_ana.get(f"/accounts{address}").text
    assert words in page
    assert ("/import" in page) is True


def test_no_address_breaks_the_list(as_ana: Any, book: None) -> None:
    for address in (
        "after=WzEsMl0x", "sort=-", "scope=mine&scope=all", "own.=1", "q=" + "x" * 999, "decides=30&decides=oops",
        "before=%00", "columns=,,,", "owner=-1", "q=%F0%9F%98%80", "after=&before=", "sort=account&sort=--arr",
    ):  # fmt: skip
        expected = 404 if "%00" in address else 200  # a NUL is nobody's address
        assert as_ana.get(f"/accounts?{address}").status_code == expected, address


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_has_the_rows_of_the_list(as_mia: Any, session: Session, book: None) -> None:
    for address in (
        "",
        "?scope=all",
        "?scope=all&sort=-account",
        "?scope=all&decides=180",
        "?scope=all&stage=any&sort=arr",
    ):
        answer = as_mia.get(f"/accounts.csv{address}")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        assert [row["Account"] for row in rows_of(answer.text)] == names_on(as_mia.get(f"/accounts{address}").text)


def test_the_file_is_safe_for_spreadsheets_and_typed(as_mia: Any, session: Session, make_account: Any) -> None:
    account = make_account('=HYPERLINK("http://evil.example")', arr_minor=123_456_78)
    service.add_contract(session, system_viewer(), account, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    session.commit()
    row = rows_of(as_mia.get("/accounts.csv?scope=all").text)[0]
    assert row["Account"] == '\'=HYPERLINK("http://evil.example")'
    assert (row["ARR"], row["Currency"], row["Decides by"]) == ("123456.78", "EUR", "2026-10-02")
    assert row["Id"] == str(account.id)


def test_the_file_goes_on_past_its_chunks(
    as_mia: Any, session: Session, mia: Viewer, monkeypatch: pytest.MonkeyPatch, make_account: Any
) -> None:
    monkeypatch.setattr("accounts.routes.listing.FILE_CHUNK", 3)
    for number in range(10):
        make_account(f"Account {number}")
    assert len(rows_of(as_mia.get("/accounts.csv?scope=all").text)) == 10


def test_who_may_not_export_gets_no_file(as_ana: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm import viewer as viewers
    from crm.viewer import CAPABILITIES, Capability, Role

    left = {**CAPABILITIES, Role.RELATIONSHIP_MANAGER: CAPABILITIES[Role.RELATIONSHIP_MANAGER] - {Capability.EXPORT}}
    monkeypatch.setattr(viewers, "CAPABILITIES", left)
    assert as_ana.get("/accounts.csv").status_code == 403
    assert "Export" not in as_ana.get("/accounts").text


def _fill(session: Session, viewer: Viewer, accounts: Sequence[Account]) -> None:
    for account in accounts:
        service.add_contract(session, viewer, account, starts_on=date(2026, 1, 1), ends_on=date(2027, 12, 31))
        service.create_task(session, viewer, account, title="Call", due_on=TODAY)
        service.log_interaction(session, viewer, account, channel=Channel.CALL, direction=Direction.OUT, body="Hello")
    session.commit()


def test_the_list_takes_as_many_statements_for_one_account_as_for_seventy(
    as_ana: Any, session: Session, ana: Viewer, make_account: Any, count_queries: Callable[..., int]
) -> None:
    address = "/accounts?columns=owner,stage,talk,tier"
    _fill(session, ana, [make_account("First")])
    few = count_queries(lambda: as_ana.get(address))
    _fill(session, ana, [make_account(f"Account {number}") for number in range(70)])
    assert count_queries(lambda: as_ana.get(address)) == few
    assert few <= 5  # who asks, how old the book is, own fields and views, the rows, the totals
