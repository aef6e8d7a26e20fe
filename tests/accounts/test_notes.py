"""The ten-second note, corrections of it, and the tasks that come of it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.models import Account, Channel, Contact, DataSource, Direction, Interaction, Task
from accounts.service.interactions import is_two_way
from accounts.service.tasks import AlreadyDone
from crm import clock
from crm.errors import Conflict, Forbidden, Invalid
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def note(**more: Any) -> dict[str, Any]:
    return {"channel": "call", "direction": "out", "contact": "", "body": "Spoke about the renewal", **more}


@pytest.mark.parametrize(
    ("channel", "direction", "expected"),
    [
        (Channel.CALL, Direction.OUT, True),
        (Channel.MEETING, Direction.IN, True),
        (Channel.IN_PERSON, Direction.BOTH, True),
        (Channel.EMAIL, Direction.OUT, False),
        (Channel.EMAIL, Direction.IN, False),
        (Channel.EMAIL, Direction.BOTH, True),
        (Channel.CHAT, Direction.BOTH, True),
        (Channel.LETTER, Direction.OUT, False),
        (Channel.NOTE, Direction.BOTH, False),
        (Channel.NOTE, Direction.NONE, False),
    ],
)
def test_when_both_sides_took_part(channel: Channel, direction: Direction, expected: bool) -> None:
    assert is_two_way(channel, direction) is expected
    assert is_two_way(channel, direction, automatic=True) is False
    assert is_two_way(channel, direction, mass=True) is False


def test_a_note_is_written_in_one_form(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, iris: Contact
) -> None:
    answer = as_ana.post(f"/accounts/{acme.id}/notes", data=note(contact=str(iris.id)))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{acme.id}")
    written = session.exec(select(Interaction)).one()
    assert (written.channel, written.direction, written.two_way) == (Channel.CALL, Direction.OUT, True)
    assert (written.contact_id, written.author_id) == (iris.id, ana.user_id)
    assert abs(written.happened_at - clock.now()) < timedelta(minutes=1)
    assert session.exec(select(Task)).all() == []
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "Ana Duarte called Iris Weber" in page
    assert "last talk today (Iris Weber)" in page


@pytest.mark.parametrize(
    ("step", "when", "title", "due"),
    [
        ("Call her back", "tomorrow", "Call her back", date(2026, 11, 24)),
        ("Call her back", "demain", "Call her back", date(2026, 11, 24)),
        ("Send the offer", "Friday", "Send the offer", date(2026, 11, 27)),
        ("Send the offer, Friday", "", "Send the offer", date(2026, 11, 27)),
        ("Send the offer", "", "Send the offer", date(2026, 11, 30)),
        ("Send it, whatever it is", "", "Send it, whatever it is", date(2026, 11, 30)),
    ],
)
def test_a_next_step_becomes_a_task(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, step: str, when: str, title: str, due: date
) -> None:
    answer = as_ana.post(f"/accounts/{acme.id}/notes", data=note(next_step=step, next_on=when))
    assert answer.status_code == 303, answer.text
    task = session.exec(select(Task)).one()
    written = session.exec(select(Interaction)).one()
    assert (task.title, task.due_on, task.assignee_id) == (title, due, ana.user_id)
    assert task.interaction_id == written.id
    assert title in as_ana.get(f"/accounts/{acme.id}").text


def test_the_panel_answers_htmx_and_tells_the_page(as_ana: Any, session: Session, acme: Account) -> None:
    headers = {**HTMX, "HX-Target": "div#panel-timeline"}
    answer = as_ana.post(f"/accounts/{acme.id}/notes", data=note(next_step="Ask again"), headers=headers)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="panel panel--timeline" id="panel-timeline"')
    assert "Spoke about the renewal" in answer.text
    assert set(json.loads(answer.headers["HX-Trigger"])) == {"interactions-changed", "toast"}


@pytest.mark.parametrize("headers", [{}, {**HTMX, "HX-Target": "div#panel-timeline"}])
def test_a_note_that_needs_mending_keeps_what_was_typed(
    as_ana: Any, session: Session, acme: Account, headers: dict[str, str]
) -> None:
    sent = note(body="A long story", next_step="Call", next_on="when pigs fly")
    answer = as_ana.post(f"/accounts/{acme.id}/notes", data=sent, headers=headers)
    assert answer.status_code == 422
    assert "A long story" in answer.text
    assert "when pigs fly" in answer.text
    assert session.exec(select(Interaction)).all() == []
    assert session.exec(select(Task)).all() == []


def test_a_day_without_a_step_writes_neither(as_ana: Any, session: Session, acme: Account) -> None:
    answer = as_ana.post(f"/accounts/{acme.id}/notes", data=note(next_on="tomorrow"))
    assert answer.status_code == 422
    assert "what the next step is" in answer.text
    assert session.exec(select(Interaction)).all() == []  # the note waits until all of it is right


def test_a_talk_of_another_day(as_ana: Any, session: Session, acme: Account) -> None:
    assert as_ana.post(f"/accounts/{acme.id}/notes", data=note(happened_on="2026-11-09")).status_code == 303
    assert clock.day_of(session.exec(select(Interaction.happened_at)).one()) == date(2026, 11, 9)
    ahead = as_ana.post(f"/accounts/{acme.id}/notes", data=note(happened_on="2026-11-30"))
    assert ahead.status_code == 422
    assert "lies ahead" in ahead.text


def test_somebody_of_another_account_was_not_spoken_with(
    session: Session, ana: Viewer, iris: Contact, make_account: Any
) -> None:
    other = make_account("Other")
    with pytest.raises(Conflict):
        service.log_interaction(
            session, ana, other, channel=Channel.CALL, direction=Direction.OUT, body="x", contact=iris
        )
    with pytest.raises(Invalid):
        service.log_interaction(session, ana, other, channel=Channel.CALL, direction=Direction.OUT, body="  ")
    assert session.exec(select(Interaction)).all() == []


def test_a_note_keeps_the_book_young(session: Session, ana: Viewer, acme: Account) -> None:
    at = clock.now() - timedelta(days=3)
    service.log_interaction(session, ana, acme, channel=Channel.CALL, direction=Direction.OUT, body="x", happened_at=at)
    service.log_interaction(
        session, ana, acme, channel=Channel.CALL, direction=Direction.OUT, body="y", happened_at=at - timedelta(days=9)
    )
    source = session.exec(select(DataSource).where(col(DataSource.key) == "hand")).one()
    assert source.newest_event_at == at  # instants only move forward


# --- corrections -----------------------------------------------------------------------------------------------------


@pytest.fixture
def call(session: Session, ana: Viewer, acme: Account) -> Interaction:
    at = datetime(2026, 11, 9, 14, 5, tzinfo=clock.company_zone())
    made = service.log_interaction(
        session, ana, acme, channel=Channel.CALL, direction=Direction.OUT, body="wrong", happened_at=at
    )
    session.commit()
    return made


def test_a_correction_closes_the_row_and_adds_another(
    as_ana: Any, session: Session, acme: Account, call: Interaction
) -> None:
    answer = as_ana.post(
        f"/accounts/{acme.id}/interactions/{call.id}/correction",
        data={"channel": "meeting", "direction": "both", "contact": "", "body": "right", "happened_on": "2026-11-09"},
    )
    assert answer.status_code == 303
    session.expire_all()
    old, new = session.exec(select(Interaction).order_by(col(Interaction.known_at), col(Interaction.id))).all()
    assert (old.body, old.closed_at is None) == ("wrong", False)
    assert (new.body, new.closed_at, new.channel) == ("right", None, Channel.MEETING)
    assert new.happened_at == old.happened_at  # the same day keeps its hour
    assert new.author_id == old.author_id
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "right" in page
    assert ">wrong<" not in page
    assert as_ana.get(f"/accounts/{acme.id}/interactions/{old.id}/correction").status_code == 404


def test_taking_back_hides_it_and_keeps_it(as_ana: Any, session: Session, acme: Account, call: Interaction) -> None:
    assert as_ana.post(f"/accounts/{acme.id}/interactions/{call.id}/removal").status_code == 303
    session.expire_all()
    assert session.exec(select(Interaction)).one().closed_at is not None
    assert "wrong" not in as_ana.get(f"/accounts/{acme.id}").text


def test_only_the_author_or_who_has_the_account_corrects(
    session: Session, ben: Viewer, mia: Viewer, acme: Account, call: Interaction
) -> None:
    with pytest.raises(Forbidden):
        service.close_interaction(session, ben, acme, call)
    assert call.closed_at is None
    service.close_interaction(session, mia, acme, call)
    with pytest.raises(Conflict):
        service.close_interaction(session, mia, acme, call)


# --- tasks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def task(session: Session, ana: Viewer, acme: Account) -> Task:
    made = service.create_task(session, ana, acme, title="Call Ingrid", due_on=date(2026, 11, 27))
    session.commit()
    return made


def test_a_task_is_done_with_its_outcome_and_opened_again(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, task: Task
) -> None:
    path = f"/accounts/{acme.id}/tasks/{task.id}"
    assert as_ana.post(f"{path}/completion", data={"outcome": "she agreed"}).status_code == 303
    session.expire_all()
    done = session.get_one(Task, task.id)
    assert (done.outcome, done.done_by, done.done_at is None) == ("she agreed", ana.user_id, False)
    assert as_ana.post(f"{path}/completion", data={"outcome": ""}).status_code == 409
    assert "she agreed" in as_ana.get("/tasks?state=done").text
    answer = as_ana.post(f"{path}/reopening?back=/tasks")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tasks")
    session.expire_all()
    assert session.get_one(Task, task.id).done_at is None


def test_back_leads_only_to_our_own_pages(as_ana: Any, acme: Account, task: Task) -> None:
    answer = as_ana.post(f"/accounts/{acme.id}/tasks/{task.id}/completion?back=https://evil.example/")
    assert answer.headers["location"] == f"/accounts/{acme.id}"


def test_a_task_moves_to_another_day(as_ana: Any, session: Session, acme: Account, task: Task) -> None:
    path = f"/accounts/{acme.id}/tasks/{task.id}/day"
    assert as_ana.post(path, data={"due_on": "in 2 weeks"}).status_code == 303
    session.expire_all()
    assert session.get_one(Task, task.id).due_on == date(2026, 12, 7)
    assert as_ana.post(path, data={"due_on": "soonish"}).status_code == 422


def test_a_task_is_for_whom_it_was_given_to(
    session: Session, ana: Viewer, ben: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    given = service.create_task(session, ana, acme, title="x", due_on=TODAY, assignee=as_user(ben))
    with pytest.raises(Forbidden):
        service.complete_task(session, zoe, acme, given)
    service.complete_task(session, ben, acme, given, outcome="done")
    with pytest.raises(AlreadyDone):
        service.move_task(session, ben, acme, given, due_on=TODAY)
    service.reopen_task(session, ana, acme, given)


def test_the_next_step_is_edited_in_its_cell(as_ana: Any, session: Session, acme: Account) -> None:
    path = f"/accounts/{acme.id}/next-step"
    headers = {**HTMX, "HX-Target": f"a#next-{acme.id}"}
    form = as_ana.get(path, headers=headers)
    assert form.text.lstrip().startswith('<form class="cell-form"')
    saved = as_ana.post(path, data={"next": "Call Ingrid, Friday"}, headers=headers)
    assert saved.status_code == 200
    assert "Call Ingrid, Friday" in saved.text
    task = session.exec(select(Task)).one()
    assert (task.title, task.due_on) == ("Call Ingrid", date(2026, 11, 27))
    as_ana.post(path, data={"next": "Call Luc"}, headers=headers)
    session.expire_all()
    task = session.exec(select(Task)).one()  # changed, not added
    assert (task.title, task.due_on) == ("Call Luc", date(2026, 11, 27))
    empty = as_ana.post(path, data={"next": " "}, headers=headers)
    assert empty.status_code == 422
    back = as_ana.get(f"{path}?cancel=true", headers=headers)
    assert "Call Luc, Friday" in back.text


def test_another_colleagues_next_step_is_not_overwritten(
    as_zoe: Any, session: Session, acme: Account, task: Task, zoe: Viewer
) -> None:
    assert as_zoe.post(f"/accounts/{acme.id}/next-step", data={"next": "Ask them, today"}).status_code == 303
    session.expire_all()
    assert session.get_one(Task, task.id).title == "Call Ingrid"
    assert session.exec(select(Task.title).where(col(Task.assignee_id) == zoe.user_id)).one() == "Ask them"


def test_a_note_from_anywhere_names_its_account(
    as_ana: Any, session: Session, acme: Account, make_account: Any
) -> None:
    other = make_account("Société Générale")
    make_account("Société Anonyme")
    page = as_ana.get("/notes/new").text
    assert f'<option value="{acme.name}">' in page  # what one has in hand is offered

    sent = {"channel": "call", "body": "They like it.", "next_step": "Send prices", "next_on": "2026-12-01"}
    answer = as_ana.post("/notes", data={"account": "gene", **sent})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{other.id}")
    talk = session.exec(select(Interaction).where(col(Interaction.account_id) == other.id)).one()
    task = session.exec(select(Task).where(col(Task.account_id) == other.id)).one()
    assert (talk.body, task.title, task.interaction_id) == ("They like it.", "Send prices", talk.id)

    for typed, said in (("societe", "Several accounts are named like that"), ("nobody", "There is no account named")):
        again = as_ana.post("/notes", data={"account": typed, **sent})
        assert again.status_code == 422
        assert said in again.text
        assert "They like it." in again.text  # nothing typed is lost
    assert len(session.exec(select(Interaction)).all()) == 1


def test_on_an_account_the_key_knows_the_account(as_ana: Any, acme: Account) -> None:
    page = as_ana.get(f"/notes/new?account={acme.id}").text
    assert f'action="/accounts/{acme.id}/notes"' in page
    assert as_ana.get(f"/accounts/{acme.id}/notes/new?channel=email").status_code == 200


def test_the_timeline_pages_and_filters(as_ana: Any, session: Session, ana: Viewer, acme: Account) -> None:
    for number in range(60):
        service.log_interaction(
            session,
            ana,
            acme,
            channel=Channel.EMAIL if number % 3 else Channel.CALL,
            direction=Direction.OUT,
            body=f"Entry {number:02d}.",
            happened_at=clock.now() - timedelta(hours=number // 4),  # some at the same instant
        )
    session.commit()
    seen: list[str] = []
    path = f"/accounts/{acme.id}"
    for _ in range(10):
        page = as_ana.get(path).text
        seen += [part[:2] for part in page.split("Entry ")[1:]]
        if 'class="timeline__more"' not in page:
            break
        path = page.split('class="timeline__more"')[1].split('href="')[1].split("#")[0].replace("&amp;", "&")
    assert sorted(seen) == [f"{number:02d}" for number in range(60)]  # each once
    calls = as_ana.get(f"/accounts/{acme.id}?channel=call").text
    assert calls.count("Entry ") == 20
    assert as_ana.get(f"/accounts/{acme.id}?channel=nonsense&before=%%%").status_code == 200
