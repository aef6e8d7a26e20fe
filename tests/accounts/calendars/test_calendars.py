"""Meetings come from calendars by who attends, follow what is moved or cancelled, and become talks when over."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts import service as accounts
from accounts.calendars import service
from accounts.calendars.models import CalendarFeed, Meeting
from accounts.calendars.queries import coming_meetings, meetings_of_day, next_meetings
from accounts.models import Account, Channel, Contact, Interaction
from crm import clock, net
from crm.db import Database
from crm.errors import Forbidden, Invalid
from crm.identity.keys import Purpose, make_key
from crm.jobs.worker import run_now
from crm.slices import REGISTRY
from crm.viewer import Viewer
from tests.accounts.calendars._corpus import STRANGE, calendar, event

pytest.importorskip("icalendar")
PARIS = ZoneInfo("Europe/Paris")
SINCE, UNTIL = datetime(2026, 8, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)


@pytest.fixture
def iris(make_contact: Callable[..., Contact]) -> Contact:
    return make_contact("Iris Weber", email="iris@acme.example")


@pytest.fixture
def take(session: Session, ana: Viewer, iris: Contact) -> Callable[..., service.Taken]:
    def take(*events: str, method: str = "") -> service.Taken:
        taken = service.take_file(session, ana, calendar(*events, method=method))
        session.commit()
        return taken

    return take


Take = Callable[..., service.Taken]


def meetings(session: Session) -> list[Meeting]:
    session.expire_all()
    return list(session.exec(select(Meeting).order_by(col(Meeting.starts_at), col(Meeting.id))).all())


def read(content: bytes) -> Any:
    from accounts.calendars.reading import read_calendar

    return read_calendar(content, since=SINCE, until=UNTIL, zone=PARIS)


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE.keys())
def test_no_calendar_raises_anything_but_a_sentence_or_hangs(content: bytes) -> None:
    began = time.perf_counter()
    try:
        events = read(content).events
    except Invalid:
        events = ()
    assert time.perf_counter() - began < 5
    assert all(one.ends_at >= one.starts_at for one in events)
    assert len(events) <= 4_001


def test_a_series_is_expanded_with_its_exceptions() -> None:
    weekly = event(
        "w@x", "20261102T090000Z", "20261102T100000Z", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261109T090000Z"
    )
    moved = event("w@x", "20261117T130000Z", "20261117T140000Z", "RECURRENCE-ID:20261116T090000Z", "SEQUENCE:1")
    found = read(calendar(weekly, moved)).events
    assert [one.starts_at.strftime("%d %H") for one in found] == ["02 09", "17 13", "23 09"]
    assert [one.occurrence for one in found] == ["2026-11-02", "2026-11-16", "2026-11-23"]


def test_a_series_keeps_its_hour_when_the_clocks_change() -> None:
    lines = (
        "BEGIN:VEVENT\r\nUID:d\r\nDTSTART;TZID=Europe/Paris:20261020T100000\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\nEND:VEVENT"
    )
    assert [one.starts_at.hour for one in read(calendar(lines)).events] == [8, 9]


def test_whole_days_and_times_without_a_zone_are_the_persons() -> None:
    whole = "BEGIN:VEVENT\r\nUID:d\r\nDTSTART;VALUE=DATE:20261125\r\nEND:VEVENT"
    floating = "BEGIN:VEVENT\r\nUID:f\r\nDTSTART:20261125T100000\r\nDURATION:PT30M\r\nEND:VEVENT"
    day, hour = sorted(read(calendar(whole, floating)).events, key=lambda one: not one.all_day)
    assert (day.all_day, day.starts_at, day.ends_at - day.starts_at) == (
        True,
        datetime(2026, 11, 24, 23, tzinfo=UTC),
        timedelta(days=1),
    )
    assert hour.starts_at == datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_only_meetings_with_a_customer_are_kept(session: Session, take: Take, acme: Account) -> None:
    taken = take(
        event(), event("dentist@x", "20261125T090000Z", "20261125T100000Z", "ATTENDEE:mailto:dr@tooth.example")
    )
    assert (taken.new, taken.others) == (1, 1)
    (meeting,) = meetings(session)
    assert (meeting.account_id, meeting.title, meeting.attendees) == (
        acme.id,
        "Quarterly review",
        ["iris@acme.example"],
    )


def test_a_company_is_known_by_its_domain(session: Session, take: Take, acme: Account) -> None:
    acme.domain = "acme.example"
    take(event("n@x", "20261124T090000Z", "20261124T100000Z", "ATTENDEE:mailto:new@acme.example"))
    assert [one.account_id for one in meetings(session)] == [acme.id]


def test_the_same_file_changes_nothing(session: Session, take: Take) -> None:
    take(event())
    again = take(event())
    assert (again.new, again.changed, again.gone) == (0, 0, 0)
    assert len(meetings(session)) == 1


def test_moved_and_cancelled_are_followed_and_older_news_is_not(session: Session, take: Take) -> None:
    take(event())
    take(event("a@x", "20261126T090000Z", "20261126T100000Z", "SEQUENCE:2"))
    assert [one.starts_at.day for one in meetings(session)] == [26]
    take(event("a@x", "20261127T090000Z", "20261127T100000Z", "SEQUENCE:1"))
    assert [one.starts_at.day for one in meetings(session)] == [26]
    assert take(event("a@x", "20261126T090000Z", "20261126T100000Z", "SEQUENCE:3"), method="CANCEL").gone == 1
    assert [one.cancelled_at is not None for one in meetings(session)] == [True]


def test_who_declined_is_not_met(session: Session, take: Take) -> None:
    take(event("d@x", "20261124T090000Z", "20261124T100000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:iris@acme.example"))
    own = "ATTENDEE;PARTSTAT=DECLINED:mailto:ana@tenure.example"
    take(event("e@x", "20261124T090000Z", "20261124T100000Z", own, "ATTENDEE:mailto:iris@acme.example"))
    assert meetings(session) == []


def test_what_is_over_becomes_a_talk_and_what_is_taken_off_is_none(
    session: Session, database: Database, take: Take, acme: Account, iris: Contact, ana: Viewer
) -> None:
    past = ("20261120T090000Z", "20261120T100000Z")
    take(event("p@x", *past), event("f@x"))
    for _ in range(2):
        run_now(database, REGISTRY, "meetings.hold", {})
    session.expire_all()
    (talk,) = session.exec(select(Interaction)).all()
    assert (talk.channel, talk.two_way, talk.contact_id, talk.author_id, talk.duration_minutes) == (
        Channel.MEETING,
        True,
        iris.id,
        ana.user_id,
        60,
    )
    take(event("p@x", *past, "SEQUENCE:1", "STATUS:CANCELLED"))
    session.expire_all()
    assert session.get_one(Interaction, talk.id).closed_at is not None


def test_a_meeting_in_two_calendars_is_one_talk(session: Session, database: Database, take: Take, ben: Viewer) -> None:
    past = event("p@x", "20261120T090000Z", "20261120T100000Z")
    take(past)
    service.take_file(session, ben, calendar(past))
    session.commit()
    run_now(database, REGISTRY, "meetings.hold", {})
    assert len(session.exec(select(Interaction)).all()) == 1


def test_a_private_meeting_tells_others_only_that_it_takes_place(
    session: Session, take: Take, acme: Account, as_ana: TestClient, as_ben: TestClient
) -> None:
    take(event("p@x", "20261124T090000Z", "20261124T100000Z", "CLASS:PRIVATE", "SUMMARY:Qxsecret"))
    (meeting,) = meetings(session)
    for path in (f"/accounts/{acme.id}", f"/accounts/{acme.id}/brief?meeting={meeting.id}"):
        assert "Qxsecret" in as_ana.get(path).text
        page = as_ben.get(path)
        assert page.status_code == 200
        assert "Qxsecret" not in page.text


def test_today_and_the_account_show_it_with_its_brief(
    session: Session, take: Take, acme: Account, as_ana: TestClient, as_ben: TestClient
) -> None:
    take(event("t@x", "20261123T140000Z", "20261123T150000Z"))
    (meeting,) = meetings(session)
    brief = f"/accounts/{acme.id}/brief?meeting={meeting.id}"
    today = as_ana.get("/").text
    assert "15:00" in today
    assert brief in today
    assert brief not in as_ben.get("/").text  # each has their own day
    assert brief in as_ben.get(f"/accounts/{acme.id}").text
    page = as_ana.get(brief).text
    assert "Iris Weber" in page
    assert as_ana.get(f"/accounts/{acme.id}/brief?meeting={meeting.id + 1}").status_code == 404


def test_two_calendars_of_colleagues_show_one_meeting(
    session: Session, take: Take, acme: Account, ana: Viewer, ben: Viewer
) -> None:
    take(event())
    service.take_file(session, ben, calendar(event()))
    (line,) = coming_meetings(session, ana, acme, clock.now())
    assert sorted(line.who) == ["Ana Duarte", "Ben Okafor"]


def test_a_free_weekend_shows_what_monday_holds(session: Session, take: Take, acme: Account, ana: Viewer) -> None:
    take(event("mon@x", "20261130T090000Z", "20261130T100000Z"))
    saturday, monday = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (28, 30))
    on, found = next_meetings(session, ana, saturday)
    assert (on, [one.account for one in found]) == (date(2026, 11, 30), ["Acme"])
    assert next_meetings(session, ana, monday)[0] is None  # it is today
    assert next_meetings(session, ana, datetime(2026, 11, 26, 8, tzinfo=UTC)) == (None, [])  # a free Thursday is free
    take(event("sat@x", "20261128T090000Z", "20261128T100000Z"))
    on, found = next_meetings(session, ana, saturday)
    assert (on, len(found)) == (None, 1)  # whoever works on a Saturday sees that


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the calendar's server says next."""
    said: dict[str, Any] = {"status": 200, "body": b"", "asked": []}

    def ask(url: str, **_kw: Any) -> net.Answer:
        said["asked"].append(url)
        if said.get("trouble"):
            raise net.Unreachable(said["trouble"])
        return net.Answer(said["status"], {}, said["body"])

    monkeypatch.setattr(net, "ask", ask)
    return said


def fetch(session: Session, database: Database) -> CalendarFeed:
    for feed in session.exec(select(CalendarFeed)):
        feed.next_try_at = clock.machine_now()
    session.commit()
    run_now(database, REGISTRY, "calendars.fetch", {})
    session.expire_all()
    return session.exec(select(CalendarFeed)).one()


def test_a_feed_is_the_truth_about_what_is_to_come(
    session: Session, database: Database, ana: Viewer, iris: Contact, answer: dict[str, Any]
) -> None:
    service.add_feed(session, ana, url="webcal://calendar.example.com/secret/basic.ics")
    answer["body"] = calendar(event("a@x"), event("b@x", "20261125T090000Z", "20261125T100000Z"))
    feed = fetch(session, database)
    assert (feed.error, feed.read_at is not None) == ("", True)
    assert answer["asked"] == ["https://calendar.example.com/secret/basic.ics"]
    answer["body"] = calendar(event("a@x"))
    fetch(session, database)
    assert [one.cancelled_at is None for one in meetings(session)] == [True, False]
    answer["body"] = calendar(event("a@x"), event("b@x", "20261125T090000Z", "20261125T100000Z"))
    fetch(session, database)  # it is back
    assert [one.cancelled_at is None for one in meetings(session)] == [True, True]


@pytest.mark.parametrize("trouble", ["status", "redirect", "html", "unreachable"])
def test_trouble_is_said_and_tried_again_and_takes_nothing_away(
    session: Session, database: Database, ana: Viewer, iris: Contact, answer: dict[str, Any], trouble: str
) -> None:
    service.add_feed(session, ana, url="https://calendar.example.com/secret/basic.ics")
    answer["body"] = calendar(event("a@x"))
    fetch(session, database)
    if trouble == "unreachable":
        answer["trouble"] = "calendar.example.com cannot be found"
    else:
        answer["status"], answer["body"] = {"status": (500, b""), "redirect": (302, b""), "html": (200, b"<html>")}[
            trouble
        ]
    feed = fetch(session, database)
    assert feed.failures == 1
    assert feed.error
    assert "secret" not in feed.error
    assert feed.next_try_at > clock.machine_now() + timedelta(minutes=30)
    assert [one.cancelled_at for one in meetings(session)] == [None]


def test_a_removed_feed_takes_what_is_to_come_along(
    session: Session, database: Database, ana: Viewer, iris: Contact, answer: dict[str, Any]
) -> None:
    feed = service.add_feed(session, ana, url="https://calendar.example.com/x.ics")
    answer["body"] = calendar(event("a@x"), event("p@x", "20261120T090000Z", "20261120T100000Z"))
    fetch(session, database)
    service.remove_feed(session, ana, feed)
    session.commit()
    assert [one.starts_at.day for one in meetings(session)] == [20]


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example.com/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "file:///etc/passwd",
        "https://a:b@c.example/",
    ],
)
def test_an_address_that_is_not_public_is_refused_with_a_sentence(
    as_ana: TestClient, session: Session, url: str
) -> None:
    answer = as_ana.post("/me/calendars", data={"url": url})
    assert answer.status_code == 422
    assert session.exec(select(CalendarFeed)).all() == []


def test_calendars_of_others_are_not_there(
    session: Session, ana: Viewer, as_ben: TestClient, as_admin: TestClient
) -> None:
    feed = service.add_feed(session, ana, url="https://calendar.example.com/qxsecret.ics")
    for browser in (as_ben, as_admin):
        assert browser.post(f"/me/calendars/{feed.id}/removal").status_code == 404
        assert "calendar.example" not in browser.get("/me/calendars").text


def test_an_upload_says_what_came_of_it(as_ana: TestClient, session: Session, iris: Contact) -> None:
    answer = as_ana.post("/me/calendars/file", files={"file": ("x.ics", calendar(event()), "text/calendar")})
    assert answer.status_code == 200
    assert "1 new" in answer.text
    assert as_ana.post("/me/calendars/file", files={"file": ("x.ics", b"no calendar")}).status_code == 422
    assert as_ana.post("/me/calendars/file").status_code == 422


def test_executives_bring_none(session: Session, exec_: Viewer, as_exec: TestClient) -> None:
    assert as_exec.get("/me/calendars").status_code == 403
    with pytest.raises(Forbidden):
        service.add_feed(session, exec_, url="https://calendar.example.com/x.ics")


# --- ours ------------------------------------------------------------------------------------------------------------


def test_our_calendar_tells_tasks_and_decisions_and_colleagues_meetings(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, iris: Contact, anonymous: TestClient
) -> None:
    import icalendar

    task = accounts.create_task(session, ana, acme, title="Send prices", due_on=date(2026, 11, 27))
    accounts.add_contract(
        session,
        ana,
        acme,
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 3, 31),
    )
    service.take_file(session, ben, calendar(event("b@x")))
    service.take_file(session, ana, calendar(event("own@x")))
    token = make_key(session, ana, ana.user_id, Purpose.CALENDAR)

    def ours() -> dict[str, Any]:
        session.commit()
        answer = anonymous.get(f"/calendars/{token}.ics")
        assert answer.headers["content-type"].startswith("text/calendar")
        events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        return {str(one["UID"]).partition("-")[0]: one for one in events}

    told = ours()
    assert set(told) == {"task", "decision", "meeting"}
    assert (str(told["task"]["SUMMARY"]), told["task"]["DTSTART"].dt) == ("Acme: Send prices", task.due_on)
    assert told["decision"]["DTSTART"].dt == date(2026, 12, 31)
    before = told["task"]
    accounts.change_task(session, ana, acme, task, title="Send prices", due_on=date(2026, 11, 30))
    after = ours()["task"]
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    make_key(session, ana, ana.user_id, Purpose.CALENDAR)
    session.commit()
    assert anonymous.get(f"/calendars/{token}.ics").status_code == 404


def test_todays_meetings_take_one_query(session: Session, take: Take, ana: Viewer, count_queries: Any) -> None:
    take(*(event(f"{n}@x", "20261123T140000Z", "20261123T150000Z") for n in range(5)))
    assert len(meetings_of_day(session, ana, clock.now())) == 5
