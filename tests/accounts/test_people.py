"""Contacts, the companies they belong to, and roles from a day to a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.models import Account, Contact, ContactAccount, ContactRole, ContactRoleKind
from accounts.people.leaving import leave
from accounts.service.contacts import AlreadyThere
from crm.errors import Conflict, Invalid
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)


def roles(session: Session) -> list[tuple[ContactRoleKind, date, date | None, bool]]:
    rows = session.exec(select(ContactRole).order_by(col(ContactRole.known_at), col(ContactRole.id)))
    return [(row.role, row.from_on, row.to_on, row.closed_at is None) for row in rows]


def test_one_person_may_belong_to_two_companies(
    session: Session, ana: Viewer, acme: Account, iris: Contact, make_account: Any
) -> None:
    other = make_account("Other")
    same = service.add_contact(session, ana, other, name="I. Weber", email="IRIS@acme.example")
    assert same.id == iris.id
    links = session.exec(select(ContactAccount.account_id).where(col(ContactAccount.contact_id) == iris.id)).all()
    assert sorted(links) == sorted([acme.id, other.id])
    assert len(session.exec(select(Contact)).all()) == 1


def test_nobody_is_added_twice(session: Session, ana: Viewer, acme: Account, iris: Contact) -> None:
    with pytest.raises(AlreadyThere):
        service.add_contact(session, ana, acme, name="Iris", email="iris@acme.example")
    with pytest.raises(Invalid):
        service.add_contact(session, ana, acme, name=" ")


def test_ending_a_role_keeps_what_was_believed(session: Session, ana: Viewer, acme: Account, iris: Contact) -> None:
    role = session.exec(select(ContactRole)).one()
    service.end_role(session, ana, acme, role, on=TODAY)
    session.flush()
    assert roles(session) == [
        (ContactRoleKind.SPONSOR, TODAY, None, False),
        (ContactRoleKind.SPONSOR, TODAY, TODAY, True),
    ]
    with pytest.raises(Conflict):
        service.end_role(session, ana, acme, role, on=TODAY)


def test_a_role_does_not_end_before_it_began(session: Session, ana: Viewer, acme: Account, iris: Contact) -> None:
    role = session.exec(select(ContactRole)).one()
    with pytest.raises(Invalid):
        service.end_role(session, ana, acme, role, on=date(2026, 11, 22))


def test_a_role_is_given_once(session: Session, ana: Viewer, acme: Account, iris: Contact) -> None:
    with pytest.raises(Conflict):
        service.give_role(session, ana, acme, iris, ContactRoleKind.SPONSOR, from_on=TODAY)
    service.give_role(session, ana, acme, iris, ContactRoleKind.CHAMPION, from_on=TODAY)
    assert len(roles(session)) == 2


def test_leaving_ends_the_roles_and_coming_back_begins_anew(
    session: Session, ana: Viewer, acme: Account, iris: Contact
) -> None:
    leave(session, ana, acme, iris, on=TODAY)
    session.flush()
    assert [role for role in roles(session) if role[3]] == [(ContactRoleKind.SPONSOR, TODAY, TODAY, True)]
    with pytest.raises(Conflict):
        service.give_role(session, ana, acme, iris, ContactRoleKind.BILLING, from_on=TODAY)
    back = service.add_contact(session, ana, acme, name="Iris Weber", email="iris@acme.example", position="CEO")
    assert back.id == iris.id
    link = session.exec(select(ContactAccount)).one()
    assert (link.to_on, link.position) == (None, "CEO")


def test_an_address_belongs_to_one_person(session: Session, ana: Viewer, acme: Account, iris: Contact) -> None:
    other = service.add_contact(session, ana, acme, name="Tom Blau", email="tom@acme.example")
    with pytest.raises(Conflict):
        service.change_contact(
            session, ana, acme, other, name="Tom", email="Iris@acme.example", phone=None, language=None, position=""
        )
    assert other.email == "tom@acme.example"


def test_forms_of_people(as_ana: Any, session: Session, acme: Account) -> None:
    path = f"/accounts/{acme.id}/contacts"
    sent = {"name": "Pål Halden", "email": "pal@halden.example", "phone": "", "position": "Director"}
    answer = as_ana.post(path, data={**sent, "roles": ["sponsor", "decision_maker"]})
    assert answer.status_code == 303, answer.text
    contact = session.exec(select(Contact)).one()
    assert contact.name_folded == "pal halden"
    assert {role[0] for role in roles(session)} == {ContactRoleKind.SPONSOR, ContactRoleKind.DECISION_MAKER}

    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "Pål Halden" in page
    assert "decision maker" in page

    bad = as_ana.post(path, data={**sent, "email": "not an address"})
    assert bad.status_code == 422
    assert "not an address" in bad.text

    role = session.exec(select(ContactRole).where(col(ContactRole.role) == ContactRoleKind.SPONSOR)).one()
    assert as_ana.post(f"/accounts/{acme.id}/roles/{role.id}/end").status_code == 303
    assert as_ana.post(f"{path}/{contact.id}/roles", data={"role": "champion", "from_on": "today"}).status_code == 303
    changed = {**sent, "name": "Paal Halden", "language": "nb"}
    assert as_ana.post(f"{path}/{contact.id}", data=changed).status_code == 303
    page = as_ana.get(f"/contacts/{contact.id}").text
    assert "Paal Halden" in page
    assert "champion" in page
    assert as_ana.post(f"{path}/{contact.id}/departure").status_code == 303
    session.expire_all()
    assert session.exec(select(ContactAccount.to_on)).one() == TODAY


@pytest.mark.settings(books="own")
def test_a_contact_is_read_where_one_of_their_accounts_is(
    as_ana: Any, as_zoe: Any, session: Session, zoe: Viewer, ana: Viewer, make_account: Any, iris: Contact
) -> None:
    assert as_zoe.get(f"/contacts/{iris.id}").status_code == 404
    southern = make_account("Southern", owner=zoe)
    service.add_contact(session, zoe, southern, name="Iris Weber", email="iris@acme.example")
    session.commit()
    page = as_zoe.get(f"/contacts/{iris.id}")
    assert page.status_code == 200
    assert "Southern" in page.text
    assert "Acme" not in page.text.replace("acme.example", "")
    assert as_ana.get(f"/contacts/{iris.id}").status_code == 200


def test_a_contact_of_another_account_is_not_here(as_ana: Any, iris: Contact, make_account: Any) -> None:
    other = make_account("Other")
    assert as_ana.get(f"/accounts/{other.id}/contacts/{iris.id}").status_code == 404
    assert as_ana.post(f"/accounts/{other.id}/contacts/{iris.id}/departure").status_code == 404
