"""Rows become people at accounts: once, at accounts that are here, with the roles they have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, col, select

from accounts.importing.targets import Kind
from accounts.models import Account, Contact, ContactAccount, ContactRole, ContactRoleKind
from crm.viewer import Viewer
from tests.accounts.importing.conftest import Bring, outcome, reasons

PEOPLE = (
    "Prénom;Nom;E-mail;Téléphone;Société;Fonction;Rôle\n"
    "Iris;Weber;iris@acme.example;01 02;Acme;Directrice;champion, sponsor\n"
    "Jean;Petit;;;ACME;;Décideur\n"
)


def contact(session: Session, name: str) -> Contact:
    session.expire_all()
    return session.exec(select(Contact).where(col(Contact.name) == name)).one()


def test_people_are_added_to_their_accounts_with_their_roles(session: Session, bring: Bring, acme: Account) -> None:
    run = bring(PEOPLE)
    assert (run.kind, outcome(run)) == ("contacts", (2, 0, 0, 0))
    iris = contact(session, "Iris Weber")
    assert (iris.email, iris.phone, iris.name_folded) == ("iris@acme.example", "01 02", "iris weber")
    link = session.exec(select(ContactAccount).where(col(ContactAccount.contact_id) == iris.id)).one()
    assert (link.account_id, link.position) == (acme.id, "Directrice")
    roles = session.exec(select(ContactRole.role).where(col(ContactRole.contact_id) == iris.id)).all()
    assert set(roles) == {ContactRoleKind.CHAMPION, ContactRoleKind.SPONSOR}


def test_the_same_people_twice_change_nothing(bring: Bring, acme: Account) -> None:
    bring(PEOPLE)
    assert outcome(bring(PEOPLE)) == (0, 0, 2, 0)


def test_what_is_other_is_changed_and_roles_are_added_never_taken(
    session: Session, bring: Bring, acme: Account
) -> None:
    bring(PEOPLE)
    run = bring(
        "Name,E-mail,Account,Position,Role\nIris Weber-Klein,IRIS@acme.example,Acme,COO,decision maker\n",
        kind=Kind.CONTACTS,
    )
    assert outcome(run) == (0, 1, 0, 0)
    iris = contact(session, "Iris Weber-Klein")
    assert iris.phone == "01 02"
    roles = session.exec(select(ContactRole.role).where(col(ContactRole.contact_id) == iris.id)).all()
    assert set(roles) == {ContactRoleKind.CHAMPION, ContactRoleKind.SPONSOR, ContactRoleKind.DECISION_MAKER}


def test_one_person_at_two_accounts_stays_one_person(
    session: Session, bring: Bring, acme: Account, make_account: Callable[..., Account]
) -> None:
    other = make_account("Beta", name_folded="beta")
    text = "Name,E-mail,Account\nIris,iris@x.example,Acme\nIris,iris@x.example,Beta\n"
    assert outcome(bring(text, kind=Kind.CONTACTS)) == (1, 1, 0, 0)
    places = session.exec(select(ContactAccount.account_id)).all()
    assert set(places) == {acme.id, other.id}
    assert outcome(bring(text, kind=Kind.CONTACTS)) == (0, 0, 2, 0)


def test_a_company_that_is_not_here_is_named(session: Session, bring: Bring, acme: Account) -> None:
    run = bring("Name,E-mail,Account\nIris,iris@x.example,Unknown SA\nJo,jo@x.example,Acme\n")
    assert outcome(run) == (1, 0, 0, 1)
    assert reasons(session, run) == [
        (2, "Account", "There is no account “Unknown SA” here; import it first, or mend the name.")
    ]


def test_without_a_company_the_mail_address_tells_it(
    session: Session, bring: Bring, make_account: Callable[..., Account]
) -> None:
    account = make_account("Halden", domain="halden.example", name_folded="halden")
    run = bring("First name,Last name,E-mail\nIris,Moe,iris@halden.example\nJo,Roe,jo@gmail.com\n")
    assert outcome(run) == (1, 0, 0, 1)
    assert session.exec(select(ContactAccount.account_id)).all() == [account.id]
    assert reasons(session, run)[0][2] == "This row names no account, and gmail.com is nobody's own domain."


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("P-1,Iris,jo@x.example,Acme", "This row means two contacts at once: “Iris” and “Jo”."),
        (",Same,,Acme", "2 contacts of Acme are called “Same”; add an e-mail address."),
        (",,nobody@x.example,Acme", "No such contact is here, and a new one needs a name."),
        (",,,Acme", "This row names nobody."),
        (",Iris,no address,Acme", "“no address” is not an e-mail address."),
    ],
)
def test_a_row_that_means_two_people_or_nobody_is_left_out(
    session: Session, bring: Bring, acme: Account, make_contact: Callable[..., Contact], row: str, reason: str
) -> None:
    make_contact("Iris", external_id="P-1")
    make_contact("Jo", email="jo@x.example")
    make_contact("Same")
    make_contact("Same")
    run = bring(f"Identifier,Name,E-mail,Account\n{row}\n", kind=Kind.CONTACTS)
    assert [why for _line, _column, why in reasons(session, run)] == [reason]
    assert len(session.exec(select(Contact)).all()) == 4


def test_someone_without_a_mail_address_gets_it_and_is_not_doubled(
    session: Session, bring: Bring, acme: Account, make_contact: Callable[..., Contact]
) -> None:
    make_contact("Iris Weber")
    assert outcome(bring("Name,E-mail,Account\nIris Weber,iris@acme.example,Acme\n")) == (0, 1, 0, 0)
    assert contact(session, "Iris Weber").email == "iris@acme.example"


def test_people_of_an_account_in_other_hands_are_left_out(
    session: Session, bring: Bring, make_account: Callable[..., Account], ana: Viewer, zoe: Viewer
) -> None:
    make_account("Hers", owner=zoe, name_folded="hers")
    run = bring("Name,E-mail,Account\nIris,iris@x.example,Hers\n", ana)
    assert reasons(session, run) == [(2, "", "Hers belongs to Zoe Marchand; ask them or their manager.")]
    assert session.exec(select(Contact)).all() == []


@pytest.mark.settings(books="own")
def test_an_account_out_of_sight_is_not_there_for_contacts(
    session: Session, bring: Bring, make_account: Callable[..., Account], ana: Viewer, zoe: Viewer
) -> None:
    make_account("Hers", owner=zoe, name_folded="hers")
    run = bring("Name,E-mail,Account\nIris,iris@x.example,Hers\n", ana)
    assert reasons(session, run)[0][2] == "There is no account “Hers” here; import it first, or mend the name."


def test_two_lines_that_say_different_things_of_one_person_are_told(
    session: Session, bring: Bring, acme: Account
) -> None:
    run = bring("Name,E-mail,Phone,Account\nIris,iris@x.example,1,Acme\nIris,iris@x.example,2,Acme\n")
    assert outcome(run) == (1, 0, 0, 1)
    assert reasons(session, run) == [(3, "Phone", "Line 2 already speaks of Iris, and says something else.")]
