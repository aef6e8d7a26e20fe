"""People in cells of accounts: names, addresses and phones together or apart; nobody gets what may be another's."""

from __future__ import annotations

import pytest

from accounts.importing.days import DayOrder
from accounts.importing.feet import Feet, repeats_headings
from accounts.importing.heading_lines import find_headings
from accounts.importing.legal_forms import called, may_be_one
from accounts.importing.mapping import Mapping
from accounts.importing.people_cells import blocks_of, people_in, read_block
from accounts.importing.targets import Kind
from accounts.importing.values import Style
from accounts.models import ContactRoleKind


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("Anne Roy", [("Anne Roy", "", "", "")]),
        ("Anne Roy <anne@x.fr>; Paul", [("Anne Roy", "anne@x.fr", "", ""), ("Paul", "", "", "")]),
        ("Anne Roy (DSI) 06 12 34 56 78", [("Anne Roy", "", "06 12 34 56 78", "DSI")]),
        ("Anne Roy (anne@x.fr)\nPaul Petit", [("Anne Roy", "anne@x.fr", "", ""), ("Paul Petit", "", "", "")]),
        ("Anne Roy, Paul Petit et Zoé Faure", [("Anne Roy", "", "", ""), ("Paul Petit", "", "", ""),
                                               ("Zoé Faure", "", "", "")]),
        ("Roy, Anne", [("Roy, Anne", "", "", "")]),  # one person or two does not show
        ("Anne Roy; anne@x.fr", [("Anne Roy", "anne@x.fr", "", "")]),
        ("anne@x.fr", [("", "anne@x.fr", "", "")]),
        ("Anne / Paul", [("Anne", "", "", ""), ("Paul", "", "", "")]),
    ],
)  # fmt: skip
def test_people_are_read_out_of_a_cell(cell: str, people: list[tuple[str, str, str, str]]) -> None:
    assert [(one.name, one.email, one.phone, one.position) for one in people_in(cell) or []] == people


@pytest.mark.parametrize("cell", ["oui", "12/03/2026", "voir le standard avant 10h", "06 12 34 56 78", "a@b@c", "!"])
def test_what_names_nobody_is_no_person(cell: str) -> None:
    assert people_in(cell) is None


def _read(columns: list[str], headings: list[str], cells: list[str]) -> tuple[list[tuple[str, str, str]], list[int]]:
    mapping = Mapping(Kind.ACCOUNTS, tuple(columns), Style(DayOrder.DAY_FIRST))
    people, left = [], []
    for block in blocks_of(mapping, headings):
        found, over = read_block(block, cells)
        people += [(one.name, one.email, one.phone) for one in found]
        left += over
    return people, left


NAME_MAIL_PHONE = ["contact", "contact_email", "contact_phone"]


def test_addresses_go_to_whom_they_name_and_else_by_their_order() -> None:
    headings = ["Contacts", "E-mails", "Tél."]
    people, left = _read(NAME_MAIL_PHONE, headings, ["Anne Roy; Paul Petit", "petit@x.fr, roy@x.fr", "1; 2"])
    assert (people, left) == ([("Anne Roy", "roy@x.fr", "1"), ("Paul Petit", "petit@x.fr", "2")], [])
    people, left = _read(NAME_MAIL_PHONE, headings, ["Anne; Paul", "a1@x.fr; p2@x.fr", ""])
    assert people == [("Anne", "a1@x.fr", ""), ("Paul", "p2@x.fr", "")]


def test_what_may_be_of_either_is_given_to_neither() -> None:
    people, left = _read(NAME_MAIL_PHONE, ["Contacts", "E-mail", "Tél."], ["Anne; Paul", "info@x.fr", "01 02 03 04 05"])
    assert (people, left) == ([("Anne", "", ""), ("Paul", "", "")], [1, 2])


def test_columns_that_come_again_speak_of_the_next_person_and_a_group_says_their_role() -> None:
    headings = ["Sponsor – Nom", "Sponsor – E-mail", "Contact 2 – Nom", "Contact 2 – E-mail"]
    mapping = Mapping(Kind.ACCOUNTS, ("contact", "contact_email") * 2, Style())
    sponsor, other = blocks_of(mapping, headings)
    assert (sponsor.roles, other.roles) == ((ContactRoleKind.SPONSOR,), ())
    assert _read(list(mapping.columns), headings, ["Anne", "a@x.fr", "Paul", "p@x.fr"])[0] == [
        ("Anne", "a@x.fr", ""), ("Paul", "p@x.fr", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ateliers Brest", "ATELIERS BREST S.A.S.", True),
        ("SARL Dupont", "dupont", True),
        ("Dupont SA", "Dupont SARL", False),  # two companies
        ("Acme Ltd", "Acme Limited Partners", False),
        ("SAS", "SA", False),
    ],
)
def test_a_legal_form_that_one_leaves_away_makes_no_other_company(one: str, other: str, *, same: bool) -> None:
    assert may_be_one(called(one), called(other)) is same


def _feet(headings: list[str], columns: list[str]) -> Feet:
    return Feet(Mapping(Kind.ACCOUNTS, tuple(columns), Style()), headings)


def test_a_line_of_totals_has_nothing_but_figures_beside_its_name() -> None:
    feet = _feet(["Client", "CSM", "ARR", "Fin"], ["name", "owner", "arr", "ends_on"])
    assert feet.is_sum(["TOTAL (300 clients)", "", "12 500 €", ""])
    assert feet.is_sum(["Sous-total Ana", "", "65566,5", ""])
    assert not feet.is_sum(["Total", "Ana", "400 000", "31/12/2026"])  # the company of that name
    assert not feet.is_sum(["TotalEnergies", "", "400 000", ""])


def test_a_name_alone_between_full_rows_is_a_title() -> None:
    assert _feet(["Client", "CSM", "ARR", "Fin"], ["name", "owner", "arr", "ends_on"]).is_title(
        ["Région Ouest", "", ""]
    )
    assert not _feet(["Client", "CSM"], ["name", "owner"]).is_title(["Acme", ""])


def test_headings_that_stand_there_once_more_are_seen() -> None:
    assert repeats_headings(["client", "ARR (k€)", ""], ["Client", "ARR (k€)", "Contact – Nom"])
    assert not repeats_headings(["Client", "12"], ["Client", "ARR"])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (
            [("Client", "", "Contact", ""), ("Nom", "ARR", "Nom", "Mail"), ("Acme", "1", "Anne", "a@x.fr")],
            (2, ("Client – Nom", "ARR", "Contact – Nom", "Contact – Mail")),
        ),
        (
            [("Client", "CSM", "Contrat", ""), ("", "", "Début", "Fin"), ("Acme", "Ana", "1/1/26", "31/12/26")],
            (2, ("Client", "CSM", "Début", "Fin")),
        ),
        ([("Client", "CSM", "Note", ""), ("Acme", "Ana", "ok", "vip")], (1, ("Client", "CSM", "Note", ""))),
    ],
)
def test_headings_merged_over_two_lines_are_one(
    lines: list[tuple[str, ...]], found: tuple[int, tuple[str, ...]]
) -> None:
    assert find_headings(list(enumerate(lines, 1))) == found
