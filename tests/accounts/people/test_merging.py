"""Two rows of one person become one, and two again: exactly as before, with what was done since kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from sqlmodel import Session, SQLModel, col, select

from accounts import service
from accounts.goals.models import Goal
from accounts.models import (
    Account,
    Channel,
    Consent,
    Contact,
    ContactAccount,
    ContactRole,
    ContactRoleKind,
    Direction,
    Influence,
    Interaction,
    Sentiment,
    Task,
)
from accounts.nps.models import NpsAnswer
from accounts.people.knowing import describe_contact, set_consent
from accounts.people.leaving import leave
from accounts.people.merging import merge_contacts, say_not_the_same, take_back_merge
from accounts.people.models import ContactMerge
from accounts.promises.models import Promise, PromisedBy
from crm import clock
from crm.audit import AuditEntry
from crm.db import known_at
from crm.errors import Conflict, Forbidden
from crm.viewer import Viewer
from support.matching import ContactFinder
from support.models import Ticket
from support.records import Requester

TODAY = date(2026, 11, 23)
OWNED: tuple[Any, ...] = (Goal, Promise, NpsAnswer)
Rows = set[tuple[Any, ...]]


def values(row: SQLModel, *left_out: str) -> tuple[Any, ...]:
    return tuple(str(value) for name, value in sorted(row.model_dump().items()) if name not in left_out)


def believed(session: Session, at: datetime | None = None) -> tuple[Rows, Rows]:
    """Roles and talks as they count now, or as they were believed at an instant."""
    roles = session.exec(select(ContactRole).where(known_at(col(ContactRole.known_at), col(ContactRole.closed_at), at)))
    talks = session.exec(select(Interaction).where(known_at(col(Interaction.known_at), col(Interaction.closed_at), at)))
    unseen = ("id", "known_at", "closed_at", *(("external_id",) if at else ()))
    return {values(one, *unseen) for one in roles}, {values(one, *unseen) for one in talks}


def everything(session: Session) -> dict[str, Any]:
    """All that a merge may touch, without the ids of rows that stand for themselves."""
    session.flush()
    session.expire_all()
    tasks = session.exec(select(Task, Interaction).join(Interaction, col(Interaction.id) == col(Task.interaction_id)))
    return {
        "contacts": {values(one) for one in session.exec(select(Contact))},
        "links": {values(one, "id") for one in session.exec(select(ContactAccount))},
        "believed": believed(session),
        "tickets": {(one.id, one.contact_id) for one in session.exec(select(Ticket))},
        "owned": {(one.id, one.contact_id) for kind in OWNED for one in session.exec(select(kind))},
        "tasks": {(task.title, talk.body, talk.contact_id, talk.closed_at) for task, talk in tasks},
    }


@pytest.fixture
def other_iris(session: Session, ana: Viewer, acme: Account) -> Contact:
    made = service.add_contact(
        session, ana, acme, name="Iris Weber", email="i.weber@acme.example", phone="+49 30 1", position="CEO"
    )
    session.commit()
    return made


days = st.integers(0, 40).map(lambda ago: TODAY - timedelta(days=ago))
people = st.sampled_from([0, 1])
places = st.sampled_from([0, 1])
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("role"), people, places, st.sampled_from(ContactRoleKind), days),
        st.tuples(st.just("end"), people, places, st.sampled_from(ContactRoleKind), days),
        st.tuples(st.just("talk"), people, places, st.sampled_from([Channel.CALL, Channel.EMAIL]), days),
        st.tuples(st.just("ticket"), people, places, st.none(), days),
        st.tuples(st.just("describe"), people, places, st.sampled_from(Sentiment), days),
        st.tuples(st.just("consent"), people, places, st.sampled_from(Consent), days),
        st.tuples(st.just("owned"), people, places, st.none(), days),
        st.tuples(st.just("leave"), people, places, st.none(), days),
    ),
    max_size=14,
)


def do(session: Session, ana: Viewer, who: list[Contact], where: list[Account], deed: Any, number: int) -> None:
    kind, person, place, what, day = deed
    contact, account = who[person], where[place]
    try:
        if kind == "role":
            service.give_role(session, ana, account, contact, what, from_on=day)
        elif kind == "end":
            role = session.exec(
                select(ContactRole).where(
                    col(ContactRole.contact_id) == contact.id,
                    col(ContactRole.account_id) == account.id,
                    col(ContactRole.role) == what,
                    col(ContactRole.to_on).is_(None),
                    col(ContactRole.closed_at).is_(None),
                )
            ).first()
            if role is not None:
                service.end_role(session, ana, account, role, on=max(day, role.from_on))
        elif kind == "talk":
            talk = service.log_interaction(
                session, ana, account, channel=what, direction=Direction.OUT, body=f"talk {number}", contact=contact,
                happened_at=clock.start_of(day),
            )  # fmt: skip
            talk.source_key, talk.external_id = "mail", f"m-{number}"
            service.create_task(session, ana, account, title=f"after {number}", due_on=day, interaction=talk)
        elif kind == "ticket":
            at = clock.start_of(day)
            session.add(
                Ticket(
                    subject="x", account_id=account.id, contact_id=contact.id, source_key="z",
                    external_id=f"t-{number}", opened_at=at, updated_at=at,
                )
            )  # fmt: skip
        elif kind == "owned":
            session.add_all(
                [
                    Goal(
                        account_id=account.id, objective=f"g {number}", contact_id=contact.id, set_on=day,
                        due_on=TODAY,
                    ),
                    Promise(
                        account_id=account.id, what=f"p {number}", contact_id=contact.id, side=PromisedBy.US,
                        promised_on=day, due_on=TODAY,
                    ),
                    NpsAnswer(
                        account_id=account.id, contact_id=contact.id, answer_key=f"n {number}", person_key="x",
                        answered_on=day, score=9,
                    ),
                ]
            )  # fmt: skip
        elif kind == "describe":
            describe_contact(session, ana, account, contact, influence=Influence.SHAPES, sentiment=what)
        elif kind == "consent":
            set_consent(session, ana, account, contact, what, on=day, how="order form")
        else:
            leave(session, ana, account, contact, on=day)
    except Conflict:
        pass  # e.g. a role for somebody who left: the page refuses it as well
    session.flush()


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=deeds, at_second=st.booleans(), merged_before=st.booleans())
def test_a_merge_that_is_taken_back_restores_everything(
    session: Session,
    ana: Viewer,
    acme: Account,
    make_account: Any,
    before: list[Any],
    at_second: bool,
    merged_before: bool,
) -> None:
    with session.begin_nested() as outer:
        second = Account(name="Second", name_folded="second", owner_id=ana.user_id, stage_entered_on=TODAY)
        session.add(second)
        session.flush()
        where = [acme, second]
        kept = service.add_contact(session, ana, acme, name="Iris Weber", email="iris@acme.example")
        gone = service.add_contact(session, ana, acme, name="Iris Weber", phone="+49 30 1", position="CEO")
        if at_second:
            service.join_account(session, ana, second, gone, position="Board")
        if merged_before:
            third = service.add_contact(session, ana, acme, name="I. Weber", email="iw@acme.example")
            merge_contacts(session, ana, gone, third)
        for number, deed in enumerate(before):
            do(session, ana, [kept, gone], where, deed, number)
        as_it_was, known = everything(session), clock.now()

        merge = merge_contacts(session, ana, kept, gone)
        session.flush()
        believed_then = believed(session, known)
        assert gone.merged_into_id == kept.id
        for kind in (Ticket, *OWNED):
            assert not session.exec(select(kind).where(col(kind.contact_id) == gone.id)).all()
        of_closed = select(Task).join(Interaction, col(Interaction.id) == col(Task.interaction_id))
        assert not session.exec(of_closed.where(col(Interaction.closed_at).is_not(None))).all()
        open_roles = select(ContactRole).where(col(ContactRole.closed_at).is_(None))
        assert {one.contact_id for one in session.exec(open_roles)} <= {kept.id}
        take_back_merge(session, ana, merge)

        assert everything(session) == as_it_was
        assert believed(session, known) == believed_then  # what was believed before is not rewritten
        outer.rollback()


def test_talks_roles_and_tickets_are_one_persons(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact, make_ticket: Any
) -> None:
    service.give_role(session, ana, acme, other_iris, ContactRoleKind.CHAMPION, from_on=date(2026, 3, 2))
    talk = service.log_interaction(
        session, ana, acme, channel=Channel.CALL, direction=Direction.BOTH, body="Price", contact=other_iris
    )
    ticket = make_ticket(contact_id=other_iris.id)
    merge_contacts(session, ana, iris, other_iris)
    session.expire_all()
    assert (iris.phone, iris.email) == ("+49 30 1", "iris@acme.example")
    assert session.get_one(Ticket, ticket.id).contact_id == iris.id
    assert session.get_one(Interaction, talk.id).closed_at is not None
    open_talks = select(Interaction.contact_id).where(col(Interaction.closed_at).is_(None))
    assert session.exec(open_talks).all() == [iris.id]
    roles = select(ContactRole).where(col(ContactRole.closed_at).is_(None))
    assert {(one.contact_id, one.role) for one in session.exec(roles)} == {
        (iris.id, ContactRoleKind.SPONSOR),
        (iris.id, ContactRoleKind.CHAMPION),
    }
    assert "contact.merged" in session.exec(select(AuditEntry.verb)).all()


def test_a_role_that_both_had_is_one(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    service.give_role(session, ana, acme, other_iris, ContactRoleKind.SPONSOR, from_on=date(2026, 3, 2))
    merge = merge_contacts(session, ana, iris, other_iris)
    session.flush()
    roles = select(ContactRole).where(col(ContactRole.closed_at).is_(None))
    assert [(one.contact_id, one.from_on, one.to_on) for one in session.exec(roles)] == [
        (iris.id, date(2026, 3, 2), None)
    ]
    role = session.exec(roles).one()
    service.end_role(session, ana, acme, role, on=TODAY)
    take_back_merge(session, ana, merge)
    session.flush()
    assert {(one.contact_id, one.from_on, one.to_on) for one in session.exec(roles)} == {
        (iris.id, TODAY, TODAY),  # what was said of the end since holds for both
        (other_iris.id, date(2026, 3, 2), TODAY),
    }


def test_what_was_done_since_the_merge_is_kept(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    merge = merge_contacts(session, ana, iris, other_iris)
    service.change_contact(
        session, ana, acme, iris, name="Iris Weber-Blau", email=None, phone="+49 30 99", language="de", position="Board"
    )
    service.log_interaction(
        session, ana, acme, channel=Channel.CALL, direction=Direction.BOTH, body="Since", contact=iris
    )
    take_back_merge(session, ana, merge)
    session.expire_all()
    assert (iris.name, iris.phone, iris.language) == ("Iris Weber-Blau", "+49 30 99", "de")
    assert (other_iris.phone, other_iris.closed_at, other_iris.merged_into_id) == ("+49 30 1", None, None)
    assert session.exec(select(Interaction.contact_id)).all() == [iris.id]
    links = {one.contact_id: one.position for one in session.exec(select(ContactAccount))}
    assert links == {iris.id: "Board", other_iris.id: "CEO"}


def test_who_refused_mail_still_refuses_it_when_merged(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    set_consent(session, ana, acme, iris, Consent.GIVEN, on=date(2026, 1, 5), how="order form")
    set_consent(session, ana, acme, other_iris, Consent.REFUSED, on=date(2026, 2, 2), how="by mail")
    merge = merge_contacts(session, ana, iris, other_iris)
    assert (iris.consent, iris.consent_on, iris.consent_how) == (Consent.REFUSED, date(2026, 2, 2), "by mail")
    take_back_merge(session, ana, merge)
    assert (iris.consent, iris.consent_how) == (Consent.GIVEN, "order form")


def test_the_last_merge_is_taken_back_first(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    third = service.add_contact(session, ana, acme, name="I. Weber")
    first = merge_contacts(session, ana, other_iris, third)
    second = merge_contacts(session, ana, iris, other_iris)
    session.expire_all()
    assert third.merged_into_id == iris.id
    with pytest.raises(Conflict):
        take_back_merge(session, ana, first)
    take_back_merge(session, ana, second)
    session.expire_all()
    assert third.merged_into_id == other_iris.id
    take_back_merge(session, ana, first)
    with pytest.raises(Conflict):
        take_back_merge(session, ana, first)
    session.expire_all()
    assert {one.closed_at for one in (iris, other_iris, third)} == {None}


def test_what_comes_for_the_one_who_went_finds_the_one_who_is_kept(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact, make_account: Any
) -> None:
    other_iris.external_id = "zendesk:77"
    merge_contacts(session, ana, iris, other_iris)
    session.flush()
    finder = ContactFinder(session, "zendesk")
    by_id, by_mail = Requester(external_id="77", name="Iris"), Requester(email="I.Weber@acme.example")
    finder.prepare([by_id, by_mail])
    assert (finder._by_id["zendesk:77"], finder._by_mail["i.weber@acme.example"]) == (iris.id, iris.id)
    same = service.add_contact(session, ana, make_account("Other"), name="Iris", email="i.weber@acme.example")
    assert same.id == iris.id


def test_nobody_merges_people_of_others(
    session: Session, zoe: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    with pytest.raises(Forbidden):
        merge_contacts(session, zoe, iris, other_iris)
    assert session.exec(select(ContactMerge)).all() == []
    assert other_iris.closed_at is None


def test_merging_by_form_and_taking_it_back(
    as_ana: Any, session: Session, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    everybody = as_ana.get(f"/accounts/{acme.id}/contacts").text
    assert "Iris Weber" in everybody
    assert f"/contacts/{iris.id}/merge/{other_iris.id}" in everybody
    assert "the same name at the same account" in as_ana.get("/contacts/duplicates").text
    path = f"/contacts/{iris.id}/merge/{other_iris.id}"
    assert as_ana.get(path).status_code == 200
    assert as_ana.post(path, data={"kept": str(acme.id)}).status_code == 422
    answer = as_ana.post(path, data={"kept": str(iris.id)})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/contacts/{iris.id}"
    moved = as_ana.get(f"/contacts/{other_iris.id}")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/contacts/{iris.id}")
    merge = session.exec(select(ContactMerge)).one()
    assert f"/contacts/merges/{merge.id}/undo" in as_ana.get(f"/contacts/{iris.id}").text
    assert as_ana.post(f"/contacts/merges/{merge.id}/undo").status_code == 303
    assert as_ana.get(f"/contacts/{other_iris.id}").status_code == 200


def test_two_of_one_name_are_proposed_until_somebody_says_they_are_two(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    say_not_the_same(session, ana, other_iris, iris)
    say_not_the_same(session, ana, iris, other_iris)
    session.commit()
    assert f"/merge/{other_iris.id}" not in as_ana.get("/contacts/duplicates").text


def test_proposals_take_the_same_queries_for_one_pair_or_twenty(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact, count_queries: Any
) -> None:
    paths = ["/contacts/duplicates", f"/accounts/{acme.id}/contacts", f"/contacts/{iris.id}"]
    few = [count_queries(lambda path=path: as_ana.get(path)) for path in paths]
    for number in range(20):
        for mail in ("a", "b"):
            someone = service.add_contact(
                session, ana, acme, name=f"Twin {number}", email=f"{mail}{number}@acme.example",
                roles=[ContactRoleKind.USER],
            )  # fmt: skip
            service.log_interaction(
                session, ana, acme, channel=Channel.CALL, direction=Direction.BOTH, body="Hello", contact=someone
            )
    session.commit()
    assert [count_queries(lambda path=path: as_ana.get(path)) for path in paths] == few


def test_proposals_come_page_by_page(
    session: Session, ana: Viewer, acme: Account, iris: Contact, other_iris: Contact
) -> None:
    from accounts.people.duplicates import pairs_in_hands

    for number in range(7):
        for mail in ("a", "b"):
            service.add_contact(session, ana, acme, name=f"Twin {number}", email=f"{mail}{number}@acme.example")
    session.flush()
    seen: list[tuple[int, int]] = []
    after = ""
    while True:
        found = pairs_in_hands(session, ana, after=after, limit=3)
        seen += [(pair.one.id, pair.other.id) for pair in found.pairs]
        if not (after := found.next):
            break
    assert len(seen) == len(set(seen)) == 8


def test_reasons_of_proposals(session: Session, ana: Viewer, acme: Account, make_account: Any) -> None:
    from accounts.people.duplicates import pairs_in_hands

    other = make_account("Other")
    same_mail = [
        Contact(name=name, name_folded=name, email=mail) for name, mail in (("a", "X@y.example"), ("b", "x@Y.example"))
    ]
    colleagues = [Contact(name="Cy", name_folded="cy", email=f"{one}@acme.example") for one in ("c", "cy")]
    strangers = [Contact(name="Dee", name_folded="dee", email=f"{one}@gmail.com") for one in ("d", "dee")]
    session.add_all([*same_mail, *colleagues, *strangers])
    session.flush()
    for first, second in (same_mail, colleagues, strangers):
        session.add(ContactAccount(contact_id=first.id, account_id=acme.id))
        session.add(ContactAccount(contact_id=second.id, account_id=other.id))
    session.flush()
    found = pairs_in_hands(session, ana, after="", limit=10).pairs
    assert [str(pair.why) for pair in found] == [
        "the same e-mail address, X@y.example",
        "the same name, and addresses at acme.example",
    ]
