"""Promises to a customer, kept or broken, and what they and risks and pulses put on the ranked day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts import matters_today
from accounts.matters_today import (
    help_asked,
    help_done,
    help_undone,
    promise_done,
    promise_undone,
    promise_urgency,
    promises_due,
    pulses_to_answer,
    risk_step_done,
    risk_step_undone,
    risk_steps_due,
)
from accounts.models import Account, Contact
from accounts.promises.models import Promise, PromisedBy, PromiseStatus
from accounts.promises.service import change_promise, make_promise, reopen_promise, settle_promise
from accounts.pulse.models import PulseColour
from accounts.pulse.service import set_pulse
from accounts.risks.models import Risk, RiskReason
from accounts.risks.service import change_risk, open_risk
from crm import clock
from crm.contracts import DayContext
from crm.errors import Conflict, Forbidden, Invalid
from crm.identity.models import User
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)


@pytest.fixture
def promise(session: Session, ana: Viewer, acme: Account) -> Callable[..., Promise]:
    def make(days: int = 3, *, by: Viewer = ana, account: Account = acme, **values: Any) -> Promise:
        values.setdefault("what", "A date for the correction")
        values.setdefault("promised_on", date(2026, 11, 2))
        made = make_promise(session, by, account, due_on=TODAY + timedelta(days=days), **values)
        session.commit()
        return made

    return make


Make = Callable[..., Promise]


def test_whoever_reads_an_account_may_write_down_what_was_promised(
    session: Session, sales: Viewer, exec_: Viewer, acme: Account, promise: Make
) -> None:
    by = session.get_one(User, sales.user_id)
    made = promise(by=sales, side=PromisedBy.SALES, promised_by=by)
    assert (made.side, made.promised_by) == (PromisedBy.SALES, sales.user_id)
    with pytest.raises(Forbidden):
        make_promise(session, exec_, acme, what="x", due_on=TODAY)


def test_who_may_say_that_it_was_kept(
    session: Session, ana: Viewer, sales: Viewer, zoe: Viewer, acme: Account, promise: Make
) -> None:
    made = promise(by=sales)
    with pytest.raises(Forbidden):
        settle_promise(session, zoe, acme, made, status=PromiseStatus.KEPT)
    settle_promise(session, sales, acme, made, status=PromiseStatus.KEPT)  # wrote it down
    reopen_promise(session, ana, acme, made)  # has the account in her hands
    assert (made.status, made.settled_on, made.settled_at, made.settled_by) == (PromiseStatus.OPEN, None, None, None)


def test_a_broken_promise_needs_words_and_a_day(session: Session, ana: Viewer, acme: Account, promise: Make) -> None:
    made = promise()
    for wrong in (
        {"status": PromiseStatus.BROKEN},
        {"status": PromiseStatus.OPEN, "outcome": "x"},
        {"status": PromiseStatus.BROKEN, "outcome": "x", "on": date(2026, 11, 1)},  # before it was promised
        {"status": PromiseStatus.BROKEN, "outcome": "x", "on": date(2026, 11, 24)},  # tomorrow
    ):
        with pytest.raises(Invalid):
            settle_promise(session, ana, acme, made, **wrong)  # type: ignore[arg-type]
    assert made.is_open
    settle_promise(session, ana, acme, made, status=PromiseStatus.BROKEN, outcome="Three weeks late", on=TODAY)
    with pytest.raises(Conflict):
        settle_promise(session, ana, acme, made, status=PromiseStatus.KEPT)
    with pytest.raises(Conflict):
        change_promise(
            session, ana, acme, made, what="y", due_on=TODAY, side=made.side, promised_by=None, contact=None,
            promised_on=made.promised_on,
        )  # fmt: skip


def test_the_story_of_a_promise_by_its_forms(
    as_ana: TestClient, session: Session, ana: Viewer, acme: Account, iris: Contact
) -> None:
    bad = as_ana.post(f"/accounts/{acme.id}/promises", data={"what": "", "promised_on": "today", "due_on": "Friday"})
    assert bad.status_code == 422
    as_ana.post(
        f"/accounts/{acme.id}/promises",
        data={"what": "A date <soon>", "contact": str(iris.id), "side": "sales", "promised_by": str(ana.user_id),
              "promised_on": "2026-11-02", "due_on": "2026-11-20"},
    )  # fmt: skip
    made = session.exec(select(Promise)).one()
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "A date &lt;soon&gt;" in page
    assert "promised by sales (Ana Duarte)" in page
    assert "late, was due" in page
    as_ana.post(
        f"/accounts/{acme.id}/promises/{made.id}/settling",
        data={"status": "broken", "outcome": "Too late", "on": "today"},
    )
    timeline = as_ana.get(f"/accounts/{acme.id}?channel=moments").text
    assert "Promise broken: A date &lt;soon&gt;" in timeline
    assert "Promised: A date &lt;soon&gt;" in timeline


# --- the ranked day


def day_of(session: Session, viewer: Viewer) -> DayContext:
    return DayContext(session, viewer, clock.now(), TODAY)


def test_urgency_rises_as_the_day_of_a_promise_nears_and_passes() -> None:
    for before, after in pairwise([promise_urgency(days) for days in range(7, -30, -1)]):
        assert after >= before
    assert all(0 <= promise_urgency(days) <= 90 for days in range(-400, 8))


def test_promises_stand_on_the_day_of_the_owner_and_of_who_promised(
    session: Session, ana: Viewer, ben: Viewer, sales: Viewer, promise: Make
) -> None:
    late = promise(-2, promised_by=session.get_one(User, sales.user_id), side=PromisedBy.SALES)
    promise(8)  # not yet
    (item,) = promises_due(day_of(session, ana))
    assert (item.key, item.due) == (str(late.id), TODAY - timedelta(days=2))
    assert str(item.reason) == "Sam Keller promised: A date for the correction; late by 2 days"
    assert item.money_minor == 18_400_000
    (theirs,) = promises_due(day_of(session, sales))
    assert str(theirs.reason) == "Promised: A date for the correction; late by 2 days"
    assert theirs.money_minor is None  # nothing was granted to them
    assert promises_due(day_of(session, ben)) == []


def test_done_on_the_day_is_kept_and_undone_is_open_again(
    session: Session, ana: Viewer, acme: Account, promise: Make
) -> None:
    made, day = promise(0), day_of(session, ana)
    promise_done(day, acme.id, str(made.id), "")
    promise_done(day, acme.id, str(made.id), "Sent by mail")  # what came of it, said a moment later
    assert (made.status, made.outcome) == (PromiseStatus.KEPT, "Sent by mail")
    assert promises_due(day) == []
    promise_undone(day, acme.id, str(made.id))
    assert [item.key for item in promises_due(day)] == [str(made.id)]


def test_the_condition_of_a_promise_rises_in_steps(session: Session, ana: Viewer, promise: Make) -> None:
    for days in (5, 1, 0, -1, -8):
        promise(days, what=str(days))
    found = [item.condition for item in promises_due(day_of(session, ana))]
    assert found == [3.0, 2.0, 1.0, 0.0, 0.0]  # the oldest first


def test_steps_against_ones_own_risks_stand_on_the_day(session: Session, ana: Viewer, acme: Account) -> None:
    risk = open_risk(
        session, ana, acme, reason=RiskReason.PRICE, arr_minor=5_00, next_step="Offer two years", next_on=TODAY
    )
    later = open_risk(session, ana, acme, reason=RiskReason.PRICE, next_step="x", next_on=TODAY + timedelta(days=8))
    day = day_of(session, ana)
    (item,) = risk_steps_due(day)
    assert str(item.reason) == "Against a risk: Offer two years; due today"
    assert item.money_minor == 5_00
    risk_step_done(day, acme.id, item.key, "")
    risk_step_done(day, acme.id, item.key, "They think about it")
    assert risk_steps_due(day) == []
    risk_step_undone(day, acme.id, item.key)
    assert [one.key for one in risk_steps_due(day)] == [item.key]
    change_risk(session, ana, acme, risk, next_on=TODAY + timedelta(days=2))
    assert risk_steps_due(day)[0].key != item.key  # another day is another thing, also where the first was put away
    assert later.next_step == "x"


def test_who_is_asked_for_help_sees_it(session: Session, ana: Viewer, mia: Viewer, acme: Account) -> None:
    risk = open_risk(
        session, ana, acme, reason=RiskReason.SPONSOR, help_needed="Call their director",
        help_from=session.get_one(User, mia.user_id),
    )  # fmt: skip
    day = day_of(session, mia)
    (item,) = help_asked(day)
    assert str(item.reason) == "Ana Duarte asks for your help: Call their director"
    help_done(day, acme.id, item.key, "Called")
    assert help_asked(day) == []
    help_undone(day, acme.id, item.key)
    assert [one.key for one in help_asked(day)] == [item.key]
    assert help_asked(day_of(session, ana)) == []
    assert session.get_one(Risk, risk.id).help_from_id == mia.user_id


@pytest.mark.parametrize(
    ("colour", "ago", "kind"),
    [
        (PulseColour.RED, 3, "pulse_red"),
        (PulseColour.AMBER, 3, None),
        (PulseColour.GREEN, 45, None),
        (PulseColour.AMBER, 31, "pulse_stale"),
        (PulseColour.RED, 91, None),  # forgotten
    ],
)
def test_a_pulse_that_wants_an_answer(
    session: Session, ana: Viewer, acme: Account, colour: PulseColour, ago: int, kind: str | None
) -> None:
    at = datetime(2026, 11, 23, 8, tzinfo=UTC) - timedelta(days=ago)
    set_pulse(session, ana, acme, colour=colour, sentence="They doubt us", happened_at=at)
    assert [item.kind for item in pulses_to_answer(day_of(session, ana))] == ([kind] if kind else [])


def test_a_red_pulse_is_answered_by_a_risk_with_a_dated_step(session: Session, ana: Viewer, acme: Account) -> None:
    set_pulse(session, ana, acme, colour=PulseColour.RED, sentence="They doubt us")
    risk = open_risk(session, ana, acme, reason=RiskReason.SPONSOR)
    assert len(pulses_to_answer(day_of(session, ana))) == 1
    change_risk(session, ana, acme, risk, next_step="Visit", next_on=TODAY + timedelta(days=20))
    assert pulses_to_answer(day_of(session, ana)) == []


def test_every_source_takes_one_statement(
    session: Session, ana: Viewer, as_ana: TestClient, acme: Account, promise: Make, count_queries: Callable[..., int]
) -> None:
    promise(1)
    few = count_queries(lambda: as_ana.get("/"))
    for number in range(10):
        promise(number - 5)
        open_risk(session, ana, acme, reason=RiskReason.PRICE, next_step="x", next_on=TODAY)
    set_pulse(session, ana, acme, colour=PulseColour.RED, sentence="They doubt us")
    assert count_queries(lambda: as_ana.get("/")) == few
    assert len({source.key for source in matters_today.TODAY}) == 4
