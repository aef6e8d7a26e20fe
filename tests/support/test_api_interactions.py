"""Talks that programs send stand on the timeline once; some become tickets; a wish for a person is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts.models import Account, AccountAlias, Contact, Interaction
from accounts.service import add_contact, close_interaction
from crm.viewer import Viewer, system_viewer
from health_scores.models import HealthScore
from support.models import Ticket
from support.wishes.models import HumanWish
from tests.support._intake import Program, program, talk, ticket


@pytest.fixture
def api(anonymous: TestClient, session: Session, admin: Viewer) -> Program:
    return program(anonymous, session, admin)


def talks(session: Session) -> list[Interaction]:
    session.expire_all()
    return list(session.exec(select(Interaction).order_by(col(Interaction.happened_at))).all())


def wishes(session: Session) -> list[HumanWish]:
    session.expire_all()
    return list(session.exec(select(HumanWish)).all())


def test_a_talk_comes_once(api: Program, session: Session, acme: Account) -> None:
    sent = talk(channel="call", direction="both", contact_email="iris@acme.example", contact_name="Iris Weber")
    assert api.post("/interactions", sent).json() == {
        "new": 1,
        "unchanged": 0,
        "tickets": [],
        "refused": 0,
        "items": [],
    }
    assert api.post("/interactions", [sent, sent]).json()["unchanged"] == 2
    (kept,) = talks(session)
    assert (kept.account_id, kept.two_way, kept.author_id) == (acme.id, True, None)
    assert session.get_one(Contact, kept.contact_id).name == "Iris Weber"


def test_the_same_twice_in_a_batch_is_one(api: Program, session: Session, acme: Account) -> None:
    assert api.post("/interactions", [talk(), talk()]).json()["new"] == 1
    assert len(talks(session)) == 1


def test_what_was_taken_back_does_not_return(api: Program, session: Session, admin: Viewer, acme: Account) -> None:
    api.post("/interactions", talk())
    close_interaction(session, admin, acme, talks(session)[0], reason="wrong account")
    session.commit()
    assert api.post("/interactions", talk()).json()["unchanged"] == 1
    assert [one.closed_at is not None for one in talks(session)] == [True]


def test_a_known_address_says_whose_it_is(
    api: Program, session: Session, acme: Account, make_contact: Callable[..., Contact]
) -> None:
    iris = make_contact("Iris Weber", email="iris.weber@gmail.com")
    assert api.post("/interactions", talk(account={}, contact_email="Iris.Weber@gmail.com")).status_code == 200
    assert talks(session)[0].contact_id == iris.id


def test_ids_and_domains_of_companies(api: Program, session: Session, make_account: Callable[..., Account]) -> None:
    known = make_account("Halden Logistics", external_id="C-17", domain="halden.example")
    other = make_account("Corvin")
    session.add(AccountAlias(account_id=other.id, source_key="inbox", kind="external_id", value="9"))
    session.commit()
    sent = [
        talk("1", account={"external_id": "C-17"}),
        talk("2", account={"domain": "halden.example"}),
        talk("3", account={}, contact_email="new@halden.example"),
        talk("4", account={"external_id": "9"}),
    ]
    assert api.post("/interactions", sent).json()["new"] == 4
    assert [one.account_id for one in sorted(talks(session), key=lambda one: one.external_id or "")] == [
        *[known.id] * 3,
        other.id,
    ]


def test_what_is_not_clear_says_what_to_send(
    api: Program, session: Session, acme: Account, make_account: Callable[..., Account]
) -> None:
    other = make_account("Corvin")
    for account in (acme, other):
        add_contact(session, system_viewer(), account, name="Pat Doe", email="pat@partner.example")
    session.commit()
    sent = [
        talk("1", account={"name": "Nobody Ltd"}),
        talk("2", account={}, contact_email="a@gmail.com"),
        talk("3", account={}),
        talk("4", account={}, contact_email="pat@partner.example"),
    ]
    answer = api.post("/interactions", sent)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [one["index"] for one in errors] == [0, 1, 2, 3]
    assert [one["field"] for one in errors] == ["account", "contact_email", "account", "contact_email"]
    assert [one["value"] for one in errors] == ["Nobody Ltd", "a@gmail.com", "", "pat@partner.example"]
    for error, words in zip(
        errors, ["add the person", "add the person", "say whose it is", "several accounts"], strict=True
    ):
        assert words in error["reason"]
    assert talks(session) == []
    said = api.post("/interactions?partial=true", [*sent, talk("5")]).json()
    assert (said["new"], said["refused"]) == (1, 4)


@pytest.mark.parametrize(
    "change",
    [
        {"automatic": True},
        {"mass": True},
        {"subject": "Automatic reply: away until Monday"},
        {"subject": "Réponse automatique : absent"},
    ],
)
def test_answers_of_machines_are_no_talks(
    api: Program, session: Session, acme: Account, change: dict[str, Any]
) -> None:
    sent = talk(direction="both", make_ticket=True, text="I want to speak to a human", **change)
    assert api.post("/interactions", sent).json()["tickets"] == []
    (kept,) = talks(session)
    assert kept.two_way is False
    assert wishes(session) == []


def test_a_talk_ahead_of_us_is_dated_now(api: Program, session: Session, acme: Account) -> None:
    assert api.post("/interactions", talk(happened_at="2026-11-23T23:00:00Z")).status_code == 200
    assert api.post("/interactions", talk("x", happened_at="2026-12-23T10:00:00Z")).status_code == 422


def test_a_social_message_becomes_a_ticket_of_the_owner(
    api: Program, session: Session, acme: Account, as_ana: TestClient
) -> None:
    sent = talk("post-88", channel="social", text="Third failed export this week.\nCan I speak to someone?")
    assert api.post("/interactions", sent).json()["tickets"] == ["inbox:post-88"]
    assert api.post("/interactions", sent).json()["tickets"] == []
    made = session.exec(select(Ticket)).one()
    assert (made.source_key, made.account_id, made.assignee) == ("tenure", acme.id, "Ana Duarte")
    assert (made.subject, made.channel) == ("Third failed export this week.", "social")
    (wish,) = wishes(session)
    assert (wish.ticket_id, wish.words) == (made.id, "speak to someone")
    page = as_ana.get(f"/tickets/{made.id}").text
    assert "asked to speak with a person" in page
    assert "Ana Duarte" in page


def test_a_ticket_of_an_account_without_owner_is_nobodys(
    api: Program, session: Session, make_account: Callable[..., Account]
) -> None:
    make_account("Corvin", owner=None)
    api.post("/interactions", talk(account={"name": "Corvin"}, make_ticket=True))
    assert session.exec(select(Ticket)).one().assignee == ""


def test_what_we_wrote_becomes_no_ticket(api: Program, session: Session, acme: Account) -> None:
    api.post("/interactions", talk(channel="social", direction="out", make_ticket=True))
    assert session.exec(select(Ticket)).all() == []


# --- wishes for a person ---------------------------------------------------------------------------------------------


def test_a_wish_is_on_today_until_somebody_has_spoken_with_them(
    api: Program, session: Session, acme: Account, as_ana: TestClient, as_zoe: TestClient
) -> None:
    api.post("/interactions", talk(text="Please, may I talk to a real person?"))
    words = "Asked to speak with a person: “talk to a real person”"
    assert words in as_ana.get("/").text
    assert words not in as_zoe.get("/").text
    assert "Asked to speak with a person" in as_ana.get(f"/accounts/{acme.id}").text
    api.post("/interactions", talk("m-2", channel="call", direction="both", happened_at="2026-11-21T09:00:00Z"))
    assert words not in as_ana.get("/").text
    assert "Asked to speak with a person" in as_ana.get(f"/accounts/{acme.id}").text  # it stays a fact


def test_a_wish_is_never_flagged_twice(api: Program, session: Session, acme: Account) -> None:
    asking = ticket(events=[{"kind": "opened", "at": "2026-11-20T09:30:00Z", "text": "I need a human."}])
    for updated_at in ("2026-11-20T10:05:00Z", "2026-11-20T11:05:00Z"):
        api.post("/tickets", {**asking, "updated_at": updated_at})
    api.post("/interactions", [talk(text="Representative!"), talk("m-2", text="All is well")])
    api.post("/interactions", talk("m-3", text="Thanks"))
    assert sorted(one.words for one in wishes(session)) == ["i need a human", "representative"]


def test_a_wish_in_a_private_mail_keeps_its_words_to_its_reader(
    session: Session, ana: Viewer, acme: Account, as_ben: TestClient
) -> None:
    from accounts.models import Channel, Direction
    from accounts.service import log_interaction

    said = "Could I speak to your manager, quietly?"
    log_interaction(session, ana, acme, channel=Channel.EMAIL, direction=Direction.IN, body=said, private=True)
    session.commit()
    (wish,) = wishes(session)
    assert wish.words == ""
    page = as_ben.get(f"/accounts/{acme.id}").text
    assert "Asked to speak with a person" in page
    assert "manager, quietly" not in page


def test_a_wish_that_was_taken_back_is_gone(
    api: Program, session: Session, admin: Viewer, acme: Account, as_ana: TestClient
) -> None:
    api.post("/interactions", talk(text="I want to speak to someone"))
    close_interaction(session, admin, acme, talks(session)[0])
    session.commit()
    assert "Asked to speak" not in as_ana.get("/").text
    assert "Asked to speak" not in as_ana.get(f"/accounts/{acme.id}").text


def test_an_old_wish_is_history(api: Program, session: Session, acme: Account, as_ana: TestClient) -> None:
    api.post("/interactions", talk(happened_at="2026-10-01T09:00:00Z", text="I want to speak to someone"))
    api.post("/interactions", talk("m-2", text="All is well"))  # so that the book is current
    assert len(wishes(session)) == 1
    assert "Asked to speak" not in as_ana.get("/").text


def test_a_wish_moves_with_its_ticket(
    api: Program, session: Session, acme: Account, make_account: Callable[..., Account]
) -> None:
    other = make_account("Corvin")
    api.post("/tickets", ticket(opened_at="2026-11-20T09:30:00Z", events=[], text="Let me speak to someone"))
    moved = ticket(opened_at="2026-11-20T09:30:00Z", events=[], account={"name": "Corvin"})
    api.post("/tickets", {**moved, "updated_at": "2026-11-21T10:00:00Z"})
    (wish,) = wishes(session)
    assert wish.account_id == other.id


def test_a_talk_shows_in_the_score_of_its_own_transaction(api: Program, session: Session, acme: Account) -> None:
    before = session.get(HealthScore, acme.id)
    api.post("/interactions", talk(channel="call", direction="both"))
    session.rollback()
    session.expire_all()
    after = session.get_one(HealthScore, acme.id)
    assert after.revision == (before.revision if before else 0) + 1
