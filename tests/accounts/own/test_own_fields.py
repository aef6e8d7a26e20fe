"""Own fields: kinds, columns and filters, settings, another kind after a look."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service as accounts
from accounts.importing.days import DayOrder
from accounts.models import Account, OwnField, OwnFieldKind, OwnValue
from accounts.own import service
from accounts.own.columns import Range, range_of
from accounts.own.reading import read_value
from accounts.own.report import load
from crm import clock
from crm.contracts import SectionContext
from crm.errors import Conflict, Forbidden, Invalid
from crm.viewer import Viewer

K = OwnFieldKind
Define = Callable[..., OwnField]


@pytest.fixture
def define(session: Session, mia: Viewer) -> Define:
    def make(title: str, kind: OwnFieldKind, **values: Any) -> OwnField:
        own = service.create_field(session, mia, title=title, kind=kind, choices=values.pop("choices", ()))
        for name, value in values.items():
            setattr(own, name, value)
        session.commit()
        return own

    return make


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (K.NUMBER, "1 234,5", ("1 234,5", 1234.5, None, None)),
        (K.NUMBER, "−12 %", ("−12 %", -12.0, None, None)),
        (K.MONEY, "184 k€", ("184 k€", None, 18_400_000, None)),
        (K.MONEY, "1 200,50", ("1 200,50", None, 120_050, None)),
        (K.DATE, "2026-11-23", ("2026-11-23", None, None, date(2026, 11, 23))),
        (K.YES_NO, "Oui", ("yes", 1.0, None, None)),
        (K.YES_NO, "FAUX", ("no", 0.0, None, None)),
        (K.TEXT, " as it is ", ("as it is", None, None, None)),
    ],
)
def test_a_value_is_read_as_its_kind(kind: OwnFieldKind, written: str, kept: tuple[Any, ...]) -> None:
    read = read_value(kind, written, currency="EUR")
    assert (read.text, read.number, read.amount_minor, read.day) == kept


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (K.NUMBER, "many"),
        (K.NUMBER, "1e400"),
        (K.NUMBER, ""),
        (K.MONEY, "dear"),
        (K.MONEY, "9" * 30),
        (K.DATE, "1 May"),
        (K.YES_NO, "perhaps"),
    ],
)
def test_what_cannot_be_read_is_refused(kind: OwnFieldKind, written: str) -> None:
    with pytest.raises(Invalid):
        read_value(kind, written, currency="EUR")


def test_a_day_is_read_in_the_order_of_its_file() -> None:
    assert read_value(K.DATE, "3/4/2025", currency="EUR", order=DayOrder.DAY_FIRST).day == date(2025, 4, 3)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("10–20", Range(10, 20)),
        ("20-10", Range(10, 20)),
        ("> 5", Range(5, None, open_ends=True)),
        (">=5", Range(5, None)),
        ("<1 000", Range(None, 1000, open_ends=True)),
        ("12", Range(12, 12)),
        ("1,5", Range(1.5, 1.5)),
        ("-3", Range(-3, -3)),
        ("", None),
        ("many", None),
        ("> 5 - 6", None),
        ("9" * 40, None),
    ],
)
def test_a_range_is_read_as_people_type_it(written: str, expected: Range | None) -> None:
    assert range_of(written) == expected


# --- the list --------------------------------------------------------------------------------------------------------


@pytest.fixture
def book(session: Session, mia: Viewer, make_account: Callable[..., Account], define: Define) -> dict[str, Account]:
    plants, budget = define("Plants", K.NUMBER), define("Budget", K.MONEY)
    since, ready = define("Since", K.DATE), define("Reference", K.YES_NO)
    note, region = define("Note", K.TEXT), define("Region", K.CHOICE, choices=["Nord", "Süd"])
    made = {name: make_account(name) for name in ("Acme", "Beta", "Ceta", "Delta")}
    for name, values in {
        "Acme": (plants, "3", budget, "1 200", since, "2026-11-20", ready, "yes", note, "100% sûr", region, "Nord"),
        "Beta": (plants, "12", budget, "90 USD", since, "2026-12-10", ready, "no", note, "peut-être", region, "Süd"),
        "Ceta": (plants, "5", region, "Nord"),
    }.items():
        for own, written in zip(values[::2], values[1::2], strict=True):
            accounts.set_own_value(session, mia, made[name], own, written)  # type: ignore[arg-type]
    session.commit()
    return made


def names_on(page: str) -> list[str]:
    return re.findall(r"data-row-link>([^<]+)</a>", page)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sort=own.plants", ["Acme", "Ceta", "Beta", "Delta"]),
        ("sort=-own.plants", ["Beta", "Ceta", "Acme", "Delta"]),
        ("sort=own.budget", ["Beta", "Acme", "Ceta", "Delta"]),
        ("sort=own.since", ["Acme", "Beta", "Ceta", "Delta"]),
        ("sort=own.region", ["Acme", "Ceta", "Beta", "Delta"]),
        ("sort=account&own.plants=>4", ["Beta", "Ceta"]),
        ("sort=account&own.plants=3-5", ["Acme", "Ceta"]),
        ("sort=account&own.plants=-", ["Delta"]),
        ("sort=account&own.plants=*", ["Acme", "Beta", "Ceta"]),
        ("sort=account&own.plants=lots", []),
        ("sort=account&own.budget=1000-2000", ["Acme"]),
        ("sort=account&own.since=past", ["Acme"]),
        ("sort=account&own.since=30", ["Beta"]),
        ("sort=account&own.reference=no", ["Beta"]),
        ("sort=account&own.note=100%25", ["Acme"]),
        ("sort=account&own.note=PEUT", ["Beta"]),
        ("sort=account&own.region=Süd", ["Beta"]),
        ("sort=account&own.region=Nord&own.plants=>4", ["Ceta"]),
    ],
)
def test_own_fields_sort_and_filter(as_mia: Any, book: dict[str, Account], address: str, expected: list[str]) -> None:
    assert names_on(as_mia.get(f"/accounts?scope=all&{address}").text) == expected


def test_pages_go_on_by_an_own_field(as_mia: Any, book: dict[str, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.routes.listing.PAGE_SIZE", 1)
    for sort, expected in (("own.region", ["Acme", "Ceta", "Beta", "Delta"]), ("-own.budget", ["Acme", "Beta"])):
        href, seen = f"/accounts?scope=all&sort={sort}", []
        while href and len(seen) < len(expected):
            page = as_mia.get(href).text
            seen += names_on(page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            href = following[1].replace("&amp;", "&") if following else ""
        assert seen == expected


def test_own_fields_stand_in_columns_and_in_the_file(as_mia: Any, book: dict[str, Account]) -> None:
    page = as_mia.get("/accounts?scope=all&sort=account&columns=own.budget,own.since,own.reference").text
    assert "€1,200" in page
    assert "US$90" in page
    row = list(csv.DictReader(io.StringIO(as_mia.get("/accounts.csv?scope=all&sort=account").text.lstrip("\ufeff"))))[1]
    assert (row["Plants"], row["Budget"], row["Since"], row["Reference"]) == ("12", "90", "2026-12-10", "no")


def test_a_field_off_the_list_is_still_in_the_file(as_mia: Any, session: Session, mia: Viewer, book: Any) -> None:
    own = session.exec(select(OwnField).where(col(OwnField.title) == "Plants")).one()
    service.change_field(session, mia, own, title="Sites", on_page=True, on_list=False, on_report=False)
    session.commit()
    assert "Sites" not in as_mia.get("/accounts/columns?scope=all").text
    assert "Sites" in as_mia.get("/accounts.csv?scope=all").text.splitlines()[0]
    service.hide_field(session, mia, own, hidden=True)
    session.commit()
    assert "Sites" not in as_mia.get("/accounts.csv?scope=all").text
    assert "Sites" not in as_mia.get(f"/accounts/{book['Acme'].id}").text


def test_amounts_are_for_those_who_read_amounts(as_agent: Any, as_sales: Any, as_mia: Any, book: Any) -> None:
    """A support agent sees no amount; a sales representative only where they were given access."""
    assert "€1,200" in as_mia.get(f"/accounts/{book['Acme'].id}").text
    for browser in (as_agent, as_sales):
        assert "1,200" not in browser.get("/accounts?scope=all&columns=own.budget").text
        assert "1200" not in browser.get("/accounts.csv?scope=all").text
    assert "1,200" not in as_agent.get(f"/accounts/{book['Acme'].id}").text


def test_the_list_takes_as_many_statements_with_own_columns_whatever_its_size(
    as_mia: Any, session: Session, mia: Viewer, book: Any, make_account: Any, count_queries: Callable[..., int]
) -> None:
    address = "/accounts?scope=all&sort=own.plants&columns=own.plants,own.budget,own.region,own.note,tags&own.plants=*"
    few = count_queries(lambda: as_mia.get(address))
    plants = session.exec(select(OwnField).where(col(OwnField.title) == "Plants")).one()
    for number in range(60):
        accounts.set_own_value(session, mia, make_account(f"Account {number}"), plants, str(number))
    session.commit()
    assert count_queries(lambda: as_mia.get(address)) == few
    assert few <= 5


# --- settings --------------------------------------------------------------------------------------------------------


def test_fields_are_named_ordered_and_hidden(as_mia: Any, session: Session, define: Define) -> None:
    first, second = define("Plants", K.NUMBER), define("Region", K.TEXT)
    as_mia.post(f"/settings/fields/{second.id}/place", data={"move": "up"})
    as_mia.post(f"/settings/fields/{first.id}", data={"title": "Sites", "places": ["report"]})
    as_mia.post(f"/settings/fields/{second.id}/place", data={"move": "hide"})
    session.expire_all()
    assert first.position > second.position
    assert (first.title, first.on_page, first.on_list, first.on_report) == ("Sites", False, False, True)
    assert (second.hidden, first.key) == (True, "plants")  # a later file with the old heading still finds it
    taken = as_mia.post("/settings/fields", data={"title": "SITES", "kind": "text"})
    assert taken.status_code == 422
    assert "There is already a field called" in taken.text


def test_who_may_not_arrange_is_refused(session: Session, ana: Viewer, define: Define) -> None:
    own = define("Plants", K.NUMBER)
    with pytest.raises(Forbidden):
        service.change_kind(session, ana, own, K.TEXT)
    assert own.kind is K.NUMBER


def test_a_choice_that_accounts_have_stays(session: Session, mia: Viewer, book: Any) -> None:
    region = session.exec(select(OwnField).where(col(OwnField.title) == "Region")).one()
    keep = {"title": "Region", "on_page": True, "on_list": True, "on_report": False}
    with pytest.raises(Conflict):
        service.change_field(session, mia, region, choices=["Nord"], **keep)  # type: ignore[arg-type]
    assert region.choices == ["Nord", "Süd"]
    service.change_field(session, mia, region, choices=["Süd", "Nord", "Est"], **keep)  # type: ignore[arg-type]
    assert region.choices == ["Süd", "Nord", "Est"]


def test_another_kind_is_looked_at_before_it_is_given(
    as_mia: Any, session: Session, mia: Viewer, make_account: Any
) -> None:
    own = service.create_field(session, mia, title="Users", kind=K.TEXT)
    for number, written in enumerate(["12", "1 300", "about fifty"]):
        accounts.set_own_value(session, mia, make_account(f"Account {number}"), own, written)
    session.commit()
    page = as_mia.get(f"/settings/fields/{own.id}?kind=number").text
    assert "2 values can be read" in page
    assert "about fifty" in page
    session.expire_all()
    assert own.kind is K.TEXT  # a look changes nothing
    as_mia.post(f"/settings/fields/{own.id}/kind", data={"kind": "number"})
    session.expire_all()
    values = session.exec(select(OwnValue).order_by(col(OwnValue.text))).all()
    assert own.kind is K.NUMBER
    assert [(one.text, one.number) for one in values] == [("1 300", 1300.0), ("12", 12.0), ("about fifty", None)]


def test_text_becomes_a_choice_of_its_words(session: Session, mia: Viewer, make_account: Any) -> None:
    own = service.create_field(session, mia, title="Region", kind=K.TEXT)
    for number, written in enumerate(["Nord", "Sud", "Nord"]):
        accounts.set_own_value(session, mia, make_account(f"Account {number}"), own, written)
    session.flush()
    service.change_kind(session, mia, own, K.CHOICE)
    session.flush()
    assert session.get_one(OwnField, own.id).choices == ["Nord", "Sud"]


def test_the_report_shows_what_is_to_stand_there(session: Session, mia: Viewer, book: Any) -> None:
    own = session.exec(select(OwnField).where(col(OwnField.title) == "Plants")).one()
    context = SectionContext(session, mia, book["Acme"].id, clock.now(), "en", "internal")
    assert load(context) is None
    service.change_field(session, mia, own, title="Plants", on_page=True, on_list=True, on_report=True)
    session.flush()
    found = load(context)
    assert found is not None
    assert [(one.title, value.text) for one, value in found["own"]] == [("Plants", "3")]  # type: ignore[attr-defined]
