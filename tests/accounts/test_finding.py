"""Finding accounts and people by a few letters, and by name in commands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from accounts import service
from accounts.finding import account_named, search_accounts, search_contacts, search_talks
from accounts.models import Account, Channel, Contact, Direction
from crm.errors import Conflict, NotFound
from crm.viewer import Books, Viewer


@pytest.fixture
def book(session: Session, make_account: Any, acme: Account, iris: Contact) -> None:
    make_account("Société Générale", external_id="SG-1", domain="sg.example")
    make_account("General Foods")
    make_account("Ågård Søfart")
    make_account("100% Wool")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("gene", ["General Foods", "Société Générale"]),  # the name that begins so comes first
        ("SOC GEN", ["Société Générale"]),
        ("gen soc", ["Société Générale"]),
        ("agard", ["Ågård Søfart"]),
        ("sofart", ["Ågård Søfart"]),
        ("neral", []),  # not inside of a word
        ("sg.example", ["Société Générale"]),
        ("SG-1", ["Société Générale"]),
        ("%", []),
        ("100%", ["100% Wool"]),
        ("", []),
        ("   ", []),
    ],
)
def test_accounts_are_found_by_beginnings_of_words(
    session: Session, book: None, ana: Viewer, typed: str, expected: list[str]
) -> None:
    assert [hit.title for hit in search_accounts(session, ana, typed, 10)] == expected


def test_search_is_bounded_and_sees_what_the_viewer_sees(
    session: Session, book: None, ana: Viewer, zoe: Viewer
) -> None:
    assert len(search_accounts(session, ana, "g", 1)) == 1
    blind = replace(zoe, books=Books.OWN)
    assert search_accounts(session, blind, "gene", 10) == []
    assert search_contacts(session, blind, "iris", 10) == []


def test_people_are_found_by_name_and_address(session: Session, book: None, ana: Viewer, acme: Account) -> None:
    (hit,) = search_contacts(session, ana, "web", 10)
    assert (hit.title, hit.detail) == ("Iris Weber", "Acme")
    assert [one.title for one in search_contacts(session, ana, "iris@ac", 10)] == ["Iris Weber"]
    assert search_contacts(session, ana, "@acme", 10) == []


def test_a_person_at_two_companies_is_one_hit(
    session: Session, book: None, ana: Viewer, make_account: Any, iris: Contact
) -> None:
    service.add_contact(session, ana, make_account("Beta"), name="Iris Weber", email="iris@acme.example")
    assert len(search_contacts(session, ana, "iris", 10)) == 1


def test_a_command_names_an_account_by_id_external_id_or_name(
    session: Session, book: None, ana: Viewer, acme: Account, make_account: Any
) -> None:
    assert account_named(session, ana, str(acme.id)).id == acme.id
    assert account_named(session, ana, "SG-1").name == "Société Générale"
    assert account_named(session, ana, " societe GENERALE ").name == "Société Générale"
    with pytest.raises(NotFound):
        account_named(session, ana, "Nobody")
    with pytest.raises(NotFound):
        account_named(session, ana, "9" * 30)
    make_account("General Foods")
    with pytest.raises(Conflict):
        account_named(session, ana, "General Foods")


def test_the_command_lists_accounts(session: Session, book: None) -> None:
    from crm.cli import app

    session.commit()
    plain = CliRunner().invoke(app, ["accounts", "list"])
    assert plain.exit_code == 0, plain.output
    assert plain.output.splitlines()[-1] == "5 accounts"
    assert "Ana Duarte" in plain.output
    found = CliRunner().invoke(app, ["accounts", "list", "--search", "gen", "--json"])
    assert found.exit_code == 0
    result = json.loads(found.output.splitlines()[-1])
    assert [one["account"] for one in result["accounts"]] == ["General Foods", "Société Générale"]
    assert (result["count"], result["more"]) == (2, False)
    first = CliRunner().invoke(app, ["accounts", "list", "--limit", "1", "--json"])
    assert json.loads(first.output.splitlines()[-1])["more"] is True


def test_notes_are_found_by_any_word_and_lead_to_their_place(
    session: Session, as_ana: Any, acme: Account, ana: Viewer, zoe: Viewer
) -> None:
    for number in range(60):
        service.log_interaction(
            session, ana, acme, channel=Channel.CALL, direction=Direction.OUT, body=f"Talk {number} on the budget"
        )
    old = service.log_interaction(
        session,
        ana,
        acme,
        channel=Channel.NOTE,
        direction=Direction.NONE,
        body="They weigh a competitor, says Iris",
        happened_at=datetime(2026, 3, 4, 10, tzinfo=UTC),
    )
    session.commit()
    (hit,) = search_talks(session, ana, "competitor", 10)
    assert (hit.id, hit.title, hit.detail) == (old.id, "They weigh a competitor, says Iris", "Acme · 2026-03-04")
    assert "They weigh a competitor" in as_ana.get(hit.href).text
    assert len(search_talks(session, ana, "budget", 10)) == 10
    assert search_talks(session, replace(zoe, books=Books.OWN), "competitor", 10) == []
    service.close_interaction(session, ana, acme, old)
    session.commit()
    assert search_talks(session, ana, "competitor", 10) == []
