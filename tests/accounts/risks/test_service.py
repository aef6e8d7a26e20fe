"""Opening, changing and closing a risk, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session, select

from accounts.models import Account
from accounts.risks.models import Risk, RiskEvent, RiskEventKind, RiskReason, RiskStatus
from accounts.risks.queries import events_of, get_risk
from accounts.risks.service import (
    ChangedMeanwhile,
    RiskIsClosed,
    change_risk,
    close_risk,
    finish_step,
    give_help,
    open_risk,
    reopen_risk,
    take_back_help,
    take_back_step,
)
from accounts.risks.words import event_words
from crm.audit import AuditEntry
from crm.errors import Conflict, Forbidden, Invalid, NotFound
from crm.identity.models import User
from crm.viewer import Viewer

MakeRisk = Callable[..., Risk]


def kinds(session: Session, risk: Risk) -> list[str]:
    return [one.event.kind.value for one in reversed(events_of(session, risk.id))]


def test_a_risk_belongs_to_the_accounts_owner_unless_told(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    assert make_risk().owner_id == ana.user_id
    assert make_risk(owner=session.get_one(User, ben.user_id)).owner_id == ben.user_id


def test_every_change_is_kept_with_what_it_was_before(
    session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk(by=ana, arr_minor=50_000_00)
    change_risk(session, ana, acme, risk, arr_minor=184_000_00, next_step="Call Ingrid", next_on=date(2026, 11, 27))
    change_risk(session, ana, acme, risk, arr_minor=184_000_00)  # the same again
    opened, changed = (one.event for one in reversed(events_of(session, risk.id)))
    assert (opened.kind, opened.arr_minor) == (RiskEventKind.OPENED, 50_000_00)
    assert changed.changes["arr_minor"] == [50_000_00, 184_000_00]
    said = [str(one) for one in event_words(changed, "EUR", {}, with_money=True)]
    assert [one.split(":")[0] for one in said] == ["At risk", "Next step"]
    assert [str(one) for one in event_words(changed, "EUR", {}, with_money=False)] == ["Next step: Call Ingrid"]
    verbs = session.exec(select(AuditEntry.verb).where(AuditEntry.account_id == acme.id)).all()
    assert {"risk.opened", "risk.changed"} <= set(verbs)


def test_what_two_people_change_at_once_is_not_lost(
    session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk()
    seen = risk.version
    change_risk(session, ana, acme, risk, words="Ana's words", version=seen)
    with pytest.raises(ChangedMeanwhile):
        change_risk(session, ana, acme, risk, words="Other words", version=seen)
    assert risk.words == "Ana's words"


def test_a_step_that_is_done_goes_and_can_come_back(
    session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk(next_step="Call Ingrid", next_on=date(2026, 11, 27))
    finish_step(session, ana, acme, risk, outcome="She waits for a date")
    assert (risk.next_step, risk.next_on) == ("", None)
    assert events_of(session, risk.id)[0].event.words == "She waits for a date"
    take_back_step(session, ana, acme, risk)
    assert (risk.next_step, risk.next_on) == ("Call Ingrid", date(2026, 11, 27))
    assert kinds(session, risk) == ["opened", "step_done", "changed"]


def test_who_was_asked_for_help_may_say_that_it_was_given(
    session: Session, zoe: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk(help_needed="A date from product", help_from=session.get_one(User, zoe.user_id))
    give_help(session, zoe, acme, risk, outcome="12 December")
    assert (risk.help_needed, risk.help_from_id) == ("", None)
    take_back_help(session, zoe, acme, risk)
    assert (risk.help_needed, risk.help_from_id) == ("A date from product", zoe.user_id)


def test_who_was_not_asked_may_not(
    session: Session, zoe: Viewer, ben: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk(help_needed="A date", help_from=session.get_one(User, ben.user_id))
    with pytest.raises(Forbidden):
        give_help(session, zoe, acme, risk)
    assert risk.help_needed == "A date"


def test_closing_says_how_it_ended_and_takes_open_matters_away(
    session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk(next_step="Call", next_on=date(2026, 12, 1), help_needed="A date")
    with pytest.raises(Invalid):
        close_risk(session, ana, acme, risk, status=RiskStatus.MITIGATED, outcome=" ")
    with pytest.raises(Invalid):
        close_risk(session, ana, acme, risk, status=RiskStatus.OPEN, outcome="?")
    with pytest.raises(Invalid):
        close_risk(session, ana, acme, risk, status=RiskStatus.MITIGATED, outcome="x", on=date(2026, 10, 1))
    assert risk.is_active
    close_risk(session, ana, acme, risk, status=RiskStatus.MITIGATED, outcome="Fixed for good")
    assert (risk.status, risk.next_step, risk.help_needed, risk.closed_on) == (
        RiskStatus.MITIGATED, "", "", date(2026, 11, 23),
    )  # fmt: skip
    with pytest.raises(RiskIsClosed):
        change_risk(session, ana, acme, risk, words="x")
    reopen_risk(session, ana, acme, risk)
    assert (risk.status, risk.outcome, risk.closed_on) == (RiskStatus.OPEN, "", None)
    assert kinds(session, risk) == ["opened", "closed", "reopened"]


def test_who_may_work_on_a_risk(
    session: Session,
    ana: Viewer,
    ben: Viewer,
    zoe: Viewer,
    mia: Viewer,
    exec_: Viewer,
    acme: Account,
    make_risk: MakeRisk,
) -> None:
    risk = make_risk(owner=session.get_one(User, zoe.user_id))
    for viewer in (ana, zoe, mia):  # in their hands, its own owner, the manager of the team
        change_risk(session, viewer, acme, risk, words=viewer.name)
    for viewer in (ben, exec_):
        with pytest.raises(Forbidden):
            change_risk(session, viewer, acme, risk, words=viewer.name)
        with pytest.raises(Forbidden):
            open_risk(session, viewer, acme, reason=RiskReason.PRICE)
    assert risk.words == mia.name


def test_amounts_are_entered_by_those_who_read_them(
    session: Session, agent: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    risk = make_risk(owner=session.get_one(User, agent.user_id), arr_minor=100_00)
    change_risk(session, agent, acme, risk, words="Seen by support")
    with pytest.raises(Forbidden):
        change_risk(session, agent, acme, risk, arr_minor=5_00)
    assert risk.arr_minor == 100_00


@pytest.mark.parametrize(
    "values",
    [
        {"next_on": date(2026, 12, 1)},  # a day without a step
        {"arr_minor": -1},
        {"since_on": date(2026, 11, 24)},  # tomorrow
    ],
)
def test_what_makes_no_sense_is_refused(
    session: Session, ana: Viewer, acme: Account, values: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        open_risk(session, ana, acme, reason=RiskReason.PRICE, **values)  # type: ignore[arg-type]
    assert session.exec(select(Risk)).all() == []
    assert session.exec(select(RiskEvent)).all() == []


def test_who_has_left_is_given_nothing(session: Session, ana: Viewer, ben: Viewer, acme: Account) -> None:
    gone = session.get_one(User, ben.user_id)
    gone.disabled_at = gone.created_at
    session.add(gone)
    with pytest.raises(Conflict):
        open_risk(session, ana, acme, reason=RiskReason.PRICE, owner=gone)


@pytest.mark.settings(books="own")
def test_a_risk_of_an_account_one_may_not_read_is_not_there(session: Session, zoe: Viewer, make_risk: MakeRisk) -> None:
    with pytest.raises(NotFound):
        get_risk(session, zoe, make_risk().id)
