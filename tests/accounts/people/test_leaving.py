"""A champion leaves: one click ends what they were, holds the score down, asks for another; one click takes it back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.events import ChampionBack, ChampionLeft, Departed
from accounts.models import Account, Consent, Contact, ContactAccount, ContactRole, ContactRoleKind, Sentiment, Task
from accounts.people.knowing import describe_contact, set_consent
from accounts.people.leaving import correct_departure, leave, take_back_departure
from crm.audit import AuditEntry
from crm.db import Database
from crm.errors import Conflict, Forbidden, Invalid
from crm.events import HANDLERS
from crm.viewer import Viewer
from health_scores.models import HealthScore

TODAY = date(2026, 11, 23)


@pytest.fixture
def tom(session: Session, ana: Viewer, acme: Account) -> Contact:
    """Acme's champion since March."""
    made = service.add_contact(
        session, ana, acme, name="Tom Blau", email="tom@acme.example", roles=[ContactRoleKind.CHAMPION],
        from_on=date(2026, 3, 2),
    )  # fmt: skip
    session.commit()
    return made


@pytest.fixture
def told(session: Session) -> list[object]:
    heard: list[object] = []
    for fact in (ChampionLeft, ChampionBack):
        session.info[HANDLERS] = {**session.info[HANDLERS], fact: [lambda _, fact: heard.append(fact)]}
    return heard


def believed(session: Session) -> list[tuple[ContactRoleKind, date, date | None]]:
    rows = session.exec(select(ContactRole).where(col(ContactRole.closed_at).is_(None)))
    return [(row.role, row.from_on, row.to_on) for row in rows]


def test_a_champion_who_leaves_leaves_a_task_and_a_fact(
    session: Session, mia: Viewer, ana: Viewer, acme: Account, tom: Contact, told: list[object]
) -> None:
    leave(session, mia, acme, tom, on=date(2026, 11, 20))
    assert believed(session) == [(ContactRoleKind.CHAMPION, date(2026, 3, 2), date(2026, 11, 20))]
    task = session.exec(select(Task)).one()
    assert (task.title, task.assignee_id) == ("Find a new champion: Tom Blau has left", ana.user_id)
    assert told == [ChampionLeft((Departed(acme.id, tom.id, date(2026, 11, 20)),))]


def test_somebody_without_that_role_leaves_quietly(
    session: Session, ana: Viewer, acme: Account, iris: Contact, told: list[object]
) -> None:
    leave(session, ana, acme, iris, on=TODAY)
    assert session.exec(select(Task)).all() == []
    assert told == []


def test_taking_it_back_leaves_nothing_behind(
    session: Session, ana: Viewer, acme: Account, tom: Contact, told: list[object]
) -> None:
    before = believed(session)
    leave(session, ana, acme, tom, on=TODAY, new_employer="Elsewhere")
    take_back_departure(session, ana, acme, tom)
    session.flush()
    assert believed(session) == before
    assert session.exec(select(Task)).all() == []
    link = session.exec(select(ContactAccount)).one()
    assert (link.to_on, link.new_employer) == (None, "")
    assert told[-1] == ChampionBack((Departed(acme.id, tom.id, TODAY),))
    assert len(session.exec(select(ContactRole)).all()) == 3  # what was believed meanwhile stays readable
    with pytest.raises(Conflict):
        take_back_departure(session, ana, acme, tom)


def test_a_task_that_was_done_meanwhile_stays(session: Session, ana: Viewer, acme: Account, tom: Contact) -> None:
    leave(session, ana, acme, tom, on=TODAY)
    service.complete_task(session, ana, acme, session.exec(select(Task)).one(), outcome="Lena will")
    take_back_departure(session, ana, acme, tom)
    assert session.exec(select(Task.outcome)).all() == ["Lena will"]


def test_the_day_may_be_corrected_and_the_new_employer_said(
    session: Session, ana: Viewer, acme: Account, tom: Contact
) -> None:
    with pytest.raises(Conflict):
        correct_departure(session, ana, acme, tom, on=TODAY, new_employer="")
    leave(session, ana, acme, tom, on=TODAY)
    correct_departure(session, ana, acme, tom, on=date(2026, 11, 2), new_employer="Nordwind AG")
    session.flush()
    assert believed(session) == [(ContactRoleKind.CHAMPION, date(2026, 3, 2), date(2026, 11, 2))]
    with pytest.raises(Invalid):
        correct_departure(session, ana, acme, tom, on=date(2026, 11, 24), new_employer="")
    take_back_departure(session, ana, acme, tom)
    session.flush()
    assert believed(session) == [(ContactRoleKind.CHAMPION, date(2026, 3, 2), None)]


def test_one_click_caps_the_score_and_one_click_frees_it(
    as_ana: Any, session: Session, database: Database, acme: Account, tom: Contact
) -> None:
    def caps() -> str:
        session.expire_all()
        found = session.exec(select(HealthScore).where(col(HealthScore.account_id) == acme.id)).one()
        return str(found.ledger)

    page = as_ana.get(f"/contacts/{tom.id}").text
    assert "Champion left" in page
    path = f"/accounts/{acme.id}/contacts/{tom.id}/departure"
    answer = as_ana.post(path)
    assert answer.headers["location"] == f"/contacts/{tom.id}?left={acme.id}"
    assert "champion_gone" in caps()
    page = as_ana.get(answer.headers["location"]).text
    assert "Left on" in page
    assert f"{path}/undo" in page
    assert as_ana.post(f"{path}/details", data={"on": "2026-11-20", "new_employer": "Nordwind AG"}).status_code == 303
    assert "Nordwind AG" in as_ana.get(f"/contacts/{tom.id}").text
    assert "Nordwind AG" in as_ana.get(f"/accounts/{acme.id}/contacts").text  # below those who are there
    assert as_ana.post(f"{path}/details", data={"on": "tomorrow"}).status_code == 422
    assert as_ana.post(f"{path}/undo").status_code == 303
    assert "champion_gone" not in caps()


def test_whoever_may_not_change_the_account_takes_nobody_away(
    session: Session, zoe: Viewer, acme: Account, tom: Contact
) -> None:
    with pytest.raises(Forbidden):
        leave(session, zoe, acme, tom, on=TODAY)
    assert session.exec(select(ContactAccount.to_on)).one() is None


def test_how_somebody_stands_is_said_with_its_day(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, tom: Contact
) -> None:
    describe_contact(session, ana, acme, tom, influence=None, sentiment=Sentiment.AGAINST)
    link = session.exec(select(ContactAccount)).one()
    assert (link.sentiment, link.sentiment_on) == (Sentiment.AGAINST, TODAY)
    describe_contact(session, ana, acme, tom, influence=None, sentiment=None)
    assert (link.sentiment, link.sentiment_on) == (None, None)
    with pytest.raises(Forbidden):
        describe_contact(session, zoe, acme, tom, influence=None, sentiment=Sentiment.FOR)
    verbs = session.exec(select(AuditEntry.verb)).all()
    assert verbs.count("contact.described") == 2


def test_consent_has_a_day_and_a_way(session: Session, ana: Viewer, acme: Account, tom: Contact) -> None:
    with pytest.raises(Invalid):
        set_consent(session, ana, acme, tom, Consent.GIVEN)
    with pytest.raises(Invalid):
        set_consent(session, ana, acme, tom, Consent.GIVEN, on=date(2026, 12, 24), how="order form")
    set_consent(session, ana, acme, tom, Consent.GIVEN, on=date(2026, 3, 3), how=" the order  form ")
    assert (tom.consent, tom.consent_on, tom.consent_how) == (Consent.GIVEN, date(2026, 3, 3), "the order form")
    set_consent(session, ana, acme, tom, Consent.REFUSED)
    assert (tom.consent, tom.consent_on) == (Consent.REFUSED, TODAY)
    set_consent(session, ana, acme, tom, None, on=TODAY, how="x")
    assert (tom.consent, tom.consent_on, tom.consent_how) == (None, None, "")


def test_all_of_it_in_one_form(as_ana: Any, session: Session, acme: Account, tom: Contact) -> None:
    path = f"/accounts/{acme.id}/contacts/{tom.id}"
    sent = {
        "name": "Tom Blau", "email": "tom@acme.example", "influence": "decides", "sentiment": "for",
        "consent": "given", "consent_on": "2026-03-03",
    }  # fmt: skip
    again = as_ana.post(path, data=sent)
    assert again.status_code == 422
    assert "how they agreed" in again.text
    session.expire_all()
    assert session.exec(select(ContactAccount.influence)).one() is None  # nothing of a refused form is kept
    assert as_ana.post(path, data={**sent, "consent_how": "order form"}).status_code == 303
    everybody = as_ana.get(f"/accounts/{acme.id}/contacts").text
    assert "decides" in everybody
    assert "for us" in everybody
    assert "order form" in as_ana.get(f"/contacts/{tom.id}").text


def test_one_person_works_for_two_accounts(
    as_ana: Any, as_zoe: Any, session: Session, acme: Account, tom: Contact, make_account: Any
) -> None:
    other = make_account("Other Works")
    path = f"/contacts/{tom.id}/accounts"
    assert "Other Works" in as_ana.get(f"{path}/new").text
    assert as_ana.post(path, data={"account": "Nobody knows this"}).status_code == 422
    assert as_zoe.post(path, data={"account": "Other works"}).status_code == 403
    assert as_ana.post(path, data={"account": "other works", "roles": ["sponsor"]}).status_code == 303
    assert as_ana.post(path, data={"account": "other works"}).status_code == 422  # is there already
    links = session.exec(select(ContactAccount.account_id).where(col(ContactAccount.contact_id) == tom.id)).all()
    assert set(links) == {acme.id, other.id}
    page = as_ana.get(f"/contacts/{tom.id}").text
    assert "Acme" in page
    assert "Other Works" in page
    assert as_ana.post(f"/accounts/{acme.id}/contacts/{tom.id}/departure").status_code == 303
    session.expire_all()
    roles = {(row.account_id, row.role, row.to_on) for row in session.exec(select(ContactRole)) if not row.closed_at}
    assert (other.id, ContactRoleKind.SPONSOR, None) in roles  # who leaves one account stays at the other
