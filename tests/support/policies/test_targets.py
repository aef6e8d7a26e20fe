"""Setting targets and hours, on the pages and underneath, and what that does to tickets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col
from starlette.testclient import TestClient

from accounts.models import Account, Tier
from accounts.service import create_account, set_tier
from crm.db import Database
from crm.errors import Conflict, Forbidden, Invalid
from crm.hours import service as hours
from crm.hours.models import COMPANY, ClosedDay, WorkHours
from crm.hours.queries import calendars_now, get_calendar
from crm.jobs.models import QueuedJob
from crm.jobs.worker import Worker
from crm.slices import REGISTRY
from crm.viewer import Viewer
from support.clocks import PRIORITIES, Clock
from support.models import Ticket, TicketSpan
from support.policies import service
from support.policies.models import ServiceRule
from support.policies.queries import policies_now, ticket_policies
from support.service import apply_tickets
from tests.support._telling import at, event, everything, record, spans_of

TWO_HOURS = {(clock, priority): (120, False) for clock in Clock for priority in PRIORITIES}
WEEK = (((480, 1080),),) * 5 + ((), ())
MONDAY = date(2026, 3, 2)


@pytest.fixture
def work(database: Database, session: Session) -> Callable[[], None]:
    """Do the jobs that were asked for."""

    def done() -> None:
        session.commit()
        Worker(database, REGISTRY, threads=1, with_clock=False).run_due()
        session.expire_all()

    return done


def only(session: Session) -> Ticket:
    session.expire_all()
    return session.scalars(select(Ticket)).one()


def tell(session: Session, account: Account, *more: object, **fields: object) -> None:
    told = record("T-1", event("opened", 0, 3), *more, account_id=account.id, **fields)  # type: ignore[arg-type]
    apply_tickets(session, [told])
    session.commit()


def test_a_ticket_has_the_targets_of_the_day_it_was_opened(
    session: Session, mia: Viewer, acme: Account, work: Callable[[], None]
) -> None:
    tell(session, acme)
    before = only(session).first_answer_due_at
    service.set_rule(session, mia, tier="", channel="", from_on=MONDAY + timedelta(days=1), targets=TWO_HOURS)
    work()
    assert only(session).first_answer_due_at == before == at(8)
    service.set_rule(session, mia, tier="", channel="", from_on=MONDAY, targets=TWO_HOURS)
    work()
    assert only(session).first_answer_due_at == at(2)


def test_a_change_keeps_what_was_known_before(
    session: Session, mia: Viewer, acme: Account, work: Callable[[], None]
) -> None:
    """Scores of the past, as they were known then, read the spans that a change has closed."""
    tell(session, acme, event("first_answered", 3))
    assert only(session).first_answer_met is True
    service.set_rule(session, mia, tier="", channel="", from_on=None, targets=TWO_HOURS)
    work()
    ticket = only(session)
    assert ticket.first_answer_met is False
    spans = session.scalars(select(TicketSpan).where(col(TicketSpan.closed_at).is_not(None))).all()
    assert [span.first_answer_met for span in spans] == [None, True]
    assert {span.first_answer_due_at for span in spans} == {at(8)}
    assert [span.from_at for span in spans_of(session, ticket.id)] == [at(0), at(3)]


def test_computing_anew_changes_nothing_where_nothing_has_changed(
    session: Session, mia: Viewer, acme: Account, work: Callable[[], None]
) -> None:
    tell(session, acme, event("first_answered", 3), event("customer_reply", 5))
    service.set_rule(session, mia, tier="", channel="", from_on=None, targets=TWO_HOURS)
    work()
    once = everything(session)
    spans = set(session.scalars(select(col(TicketSpan.id))))
    hours.set_hours(session, mia, get_calendar(session, COMPANY), from_on=None, zone="Europe/Paris", week=WEEK)
    work()  # every target is around the clock, so no clock asks the calendar
    assert everything(session) == once
    assert set(session.scalars(select(col(TicketSpan.id)))) == spans
    results = session.scalars(select(col(QueuedJob.result)).order_by(col(QueuedJob.id))).all()
    assert results == ["1 of 1 tickets have other clocks", "0 of 1 tickets have other clocks"]


def test_tickets_that_come_in_later_use_the_same_rule_as_those_computed_anew(
    session: Session, mia: Viewer, make_account: Callable[..., Account], work: Callable[[], None]
) -> None:
    one, other = make_account("One"), make_account("Other")
    first = [record("T-1", event("opened", 0, 2), event("resolved", 30), account_id=one.id, channel="email")]
    apply_tickets(session, first)
    service.set_rule(session, mia, tier="", channel="email", from_on=None, targets=TWO_HOURS)
    work()
    second = [record("T-2", event("opened", 0, 2), event("resolved", 30), account_id=other.id, channel="email")]
    apply_tickets(session, second)
    told = everything(session)
    told["tickets"]["T-2"].update(external_id="T-1", account_id=one.id)
    assert told["tickets"]["T-1"] == told["tickets"]["T-2"]


def test_the_tier_is_that_of_the_opening(session: Session, mia: Viewer, work: Callable[[], None]) -> None:
    account = create_account(session, mia, name="Zephyr", tier=Tier.MID, since=date(2026, 1, 1))
    service.set_rule(session, mia, tier="enterprise", channel="", from_on=None, targets=TWO_HOURS)
    tell(session, account)
    assert only(session).first_answer_due_at == at(8)
    set_tier(session, mia, account, Tier.ENTERPRISE, on=date(2026, 3, 10))
    work()
    assert only(session).first_answer_due_at == at(8)
    set_tier(session, mia, account, Tier.LOW_TOUCH, on=date(2026, 3, 11))
    set_tier(session, mia, account, Tier.ENTERPRISE, on=date(2026, 2, 1))  # it was so all along
    work()
    assert only(session).first_answer_due_at == at(2)


def test_holidays_and_closed_days_move_what_is_still_open(
    session: Session, mia: Viewer, acme: Account, work: Callable[[], None]
) -> None:
    tell(session, acme, event("first_answered", 1))
    company = get_calendar(session, COMPANY)
    assert only(session).resolution_due_at == at(4 * 24 + 8)  # 40 working hours: Friday, 17:00
    closed = hours.close_day(session, mia, company, date(2026, 3, 4), title="Summer party")
    work()
    assert only(session).resolution_due_at == at(7 * 24 + 8)
    hours.open_day(session, mia, company, closed)
    work()
    assert only(session).resolution_due_at == at(4 * 24 + 8)
    hours.set_hours(session, mia, company, from_on=date(2026, 3, 5), zone="Europe/Paris", week=WEEK, country="FR")
    work()
    assert only(session).resolution_due_at == at(4 * 24 + 5)  # ten hours on Thursday, and six on Friday from 8:00


def test_a_rule_may_run_on_another_calendar(session: Session, mia: Viewer, acme: Account) -> None:
    other = hours.create_calendar(session, mia, title="India", zone="Asia/Kolkata", week=WEEK, country="IN")
    eight = {(clock, priority): (480, True) for clock in Clock for priority in PRIORITIES}
    service.set_rule(session, mia, tier="", channel="", from_on=None, targets=eight, calendar_id=other.id)
    tell(session, acme)  # at 9:00 in Paris, 13:30 there, which leaves 4 h 30 of the day
    assert only(session).first_answer_due_at == datetime.fromisoformat("2026-03-03T11:30+05:30")


@pytest.mark.parametrize("who", ["ana", "agent", "exec_"])
def test_who_may_not_set_targets_and_hours(session: Session, who: str, request: pytest.FixtureRequest) -> None:
    viewer = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        service.set_rule(session, viewer, tier="", channel="", from_on=None, targets=TWO_HOURS)
    with pytest.raises(Forbidden):
        hours.close_day(session, viewer, get_calendar(session, COMPANY), MONDAY)
    assert session.scalars(select(ServiceRule)).all() == []
    assert session.scalars(select(ClosedDay)).all() == []


def test_what_makes_no_sense_is_refused_and_leaves_nothing(session: Session, mia: Viewer) -> None:
    company = get_calendar(session, COMPANY)
    with pytest.raises(Invalid):
        service.set_rule(session, mia, tier="golden", channel="", from_on=None, targets=TWO_HOURS)
    with pytest.raises(Invalid):
        service.set_rule(session, mia, tier="", channel="", from_on=None, targets=dict(list(TWO_HOURS.items())[:11]))
    with pytest.raises(Invalid):
        service.set_rule(session, mia, tier="", channel="", from_on=date(2966, 1, 1), targets=TWO_HOURS)
    with pytest.raises(Conflict):
        service.withdraw_rule(session, mia, tier="", channel="", from_on=MONDAY)
    with pytest.raises(Invalid):
        hours.set_hours(session, mia, company, from_on=None, zone="Mars/Olympus", week=WEEK)
    with pytest.raises(Invalid):
        hours.set_hours(session, mia, company, from_on=None, zone="Europe/Paris", week=((),) * 7)
    with pytest.raises(Invalid):
        hours.set_hours(session, mia, company, from_on=None, zone="Europe/Paris", week=WEEK, country="FR", region="BY")
    assert session.scalars(select(ServiceRule)).all() == []
    assert session.scalars(select(WorkHours)).all() == []


def test_what_was_set_by_mistake_is_taken_back(session: Session, mia: Viewer) -> None:
    rule = service.set_rule(session, mia, tier="", channel="", from_on=None, targets=TWO_HOURS)
    assert policies_now(session).policy_for(at(0), "", "").first_answer[3].seconds == 7_200
    service.take_back_rule(session, mia, rule)
    assert policies_now(session).policy_for(at(0), "", "").first_answer[3].seconds == 8 * 3_600
    assert session.scalars(select(ServiceRule)).one().closed_at is not None


def test_hours_before_the_first_day_that_was_set_are_the_built_in_ones(session: Session, mia: Viewer) -> None:
    company = get_calendar(session, COMPANY)
    hours.set_hours(session, mia, company, from_on=date(2026, 6, 1), zone="Europe/Paris", week=WEEK)
    calendar = calendars_now(session).default
    assert calendar.intervals_on(date(2026, 5, 29)) == ((540, 1020),)
    assert calendar.intervals_on(date(2026, 6, 1)) == ((480, 1080),)


def test_as_many_statements_for_one_rule_as_for_many(
    session: Session, mia: Viewer, make_account: Callable[..., Account], count_queries: Callable[..., int]
) -> None:
    accounts = [make_account(f"Account {number}") for number in range(5)]
    service.set_rule(session, mia, tier="mid", channel="", from_on=None, targets=TWO_HOURS)
    session.commit()

    def read(some: list[Account]) -> int:
        def look() -> None:
            with Session(session.get_bind().execution_options(tenure_of_the_test=False)) as other:
                policies = ticket_policies(other)
                policies.prepare(account.id for account in some)
                for account in some:
                    policies.policy_for(account.id, at(0), "phone")

        return count_queries(look)

    few = read(accounts[:1])
    for number, channel in enumerate(("phone", "email", "chat")):
        service.set_rule(session, mia, tier="", channel=channel, from_on=None, targets=TWO_HOURS)
        hours.create_calendar(session, mia, title=f"Other {number}", zone="Asia/Kolkata", week=WEEK)
    session.commit()
    assert read(accounts) == few == 4


# --- pages -----------------------------------------------------------------------------------------------------------


def form(**changed: object) -> dict[str, object]:
    return {
        "tier": "",
        "channel": "phone",
        "time": ["30 min", "2 h", "4", "1,5 h", *["4 h"] * 4, "8 h", "2 d", "40 h", "80 h"],
        "counted": ["clock", *["working"] * 11],
        "from_on": "",
        **changed,
    }


def test_a_manager_sets_targets_on_a_page(as_mia: TestClient, session: Session) -> None:
    page = as_mia.get("/settings/service-targets/rule?channel=phone")
    assert "Nothing is set for these yet" in page.text
    answer = as_mia.post("/settings/service-targets/rule", data=form(), follow_redirects=False)
    assert answer.status_code == 303
    policy = policies_now(session).policy_for(at(0), "", "phone")
    assert [policy.first_answer[one].seconds for one in PRIORITIES] == [1_800, 7_200, 14_400, 5_400]
    assert policy.first_answer[1].calendar is None
    assert policy.resolution[2].seconds == 48 * 3_600
    page = as_mia.get("/settings/service-targets")
    assert "Tickets by phone" in page.text
    assert "Clocks are about to be computed anew." in page.text


def test_a_target_that_cannot_be_read_comes_back_with_what_was_typed(as_mia: TestClient, session: Session) -> None:
    times = ["soon", *["4 h"] * 11]
    answer = as_mia.post("/settings/service-targets/rule", data=form(time=times))
    assert answer.status_code == 422
    assert "“soon” is no time" in answer.text
    assert 'value="soon"' in answer.text
    assert session.scalars(select(ServiceRule)).all() == []


def test_a_rule_is_withdrawn_from_a_day_on(as_mia: TestClient, session: Session) -> None:
    as_mia.post("/settings/service-targets/rule", data=form())
    sent = {"tier": "", "channel": "phone", "from_on": "2026-03-02"}
    answer = as_mia.post("/settings/service-targets/rule/withdrawal", data=sent, follow_redirects=False)
    assert answer.status_code == 303
    policies = policies_now(session)
    assert policies.rule_for(at(-24), "", "phone").channel == "phone"
    assert policies.rule_for(at(0), "", "phone").channel == ""


def test_the_page_of_a_ticket_says_which_rule_it_uses_and_why(
    as_mia: TestClient, session: Session, mia: Viewer, acme: Account
) -> None:
    service.set_rule(session, mia, tier="", channel="email", from_on=date(2026, 3, 1), targets=TWO_HOURS)
    tell(session, acme, channel="email")
    page = as_mia.get(f"/tickets/{only(session).id}")
    assert (
        "Targets for tickets by e-mail, set from 1 March on: no more specific rule was in force when it was opened."
        in page.text
    )


def test_hours_are_set_as_people_write_them(as_mia: TestClient, session: Session) -> None:
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "8h30-12h, 13:30 – 17")
    sent = {**days, "zone": "Europe/Paris", "country": "FR", "from_on": ""}
    assert as_mia.post("/settings/hours/1", data=sent, follow_redirects=False).status_code == 303
    calendar = calendars_now(session).default
    assert calendar.intervals_on(date(2026, 11, 10)) == ((510, 720), (810, 1020))
    assert not calendar.works_on(date(2026, 11, 11))  # Armistice
    page = as_mia.get("/settings/hours/1")
    assert "Monday to Friday 8:30–12:00, 13:30–17:00" in page.text
    assert "25 December" in page.text


@pytest.mark.parametrize("typed", ["nine to five", "17-9", "9-12, 11-14", "9-25"])
def test_hours_that_cannot_be_meant_are_refused(as_mia: TestClient, session: Session, typed: str) -> None:
    answer = as_mia.post("/settings/hours/1", data={"monday": typed, "zone": "Europe/Paris"})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert session.scalars(select(WorkHours)).all() == []
