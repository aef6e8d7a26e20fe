"""What an account was from a day on: facts are dated, corrected by another row, never changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.events import AccountsChanged, InteractionsChanged, gathered, tell
from accounts.models import Account, AccountFact, FactKey, OwnField, OwnFieldKind, OwnValue, Stage, Tier
from accounts.service.accounts import ChangedMeanwhile, ExternalIdTaken, NameTaken
from crm import clock
from crm.errors import Conflict, Forbidden, Invalid
from crm.events import HANDLERS
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)


def believed(session: Session, account: Account, key: FactKey) -> list[tuple[date, str]]:
    rows = select(AccountFact).where(
        col(AccountFact.account_id) == account.id, col(AccountFact.key) == key, col(AccountFact.closed_at).is_(None)
    )
    return [
        (clock.day_of(row.happened_at), row.value) for row in session.exec(rows.order_by(col(AccountFact.happened_at)))
    ]


@pytest.fixture
def beta(session: Session, ana: Viewer, as_user: Any) -> Account:
    return service.create_account(
        session, ana, name="Beta", tier=Tier.MID, since=date(2024, 5, 1), stage_entered_on=date(2024, 9, 1),
        seats=40, owner=as_user(ana), external_id="B-1",
    )  # fmt: skip


def test_a_new_account_has_its_facts_from_the_beginning(session: Session, ana: Viewer, beta: Account) -> None:
    assert believed(session, beta, FactKey.TIER) == [(date(2024, 5, 1), "mid")]
    assert believed(session, beta, FactKey.SEATS) == [(date(2024, 5, 1), "40")]
    assert believed(session, beta, FactKey.STAGE) == [(date(2024, 9, 1), "live")]
    assert beta.owner_id == ana.user_id
    assert beta.team_id == ana.team_id


def test_a_change_adds_a_row(session: Session, mia: Viewer, beta: Account) -> None:
    service.set_tier(session, mia, beta, Tier.ENTERPRISE, on=date(2026, 2, 1))
    service.set_seats(session, mia, beta, None, on=date(2026, 3, 1))
    service.change_stage(session, mia, beta, Stage.RENEWING, on=date(2026, 4, 1))
    assert believed(session, beta, FactKey.TIER) == [(date(2024, 5, 1), "mid"), (date(2026, 2, 1), "enterprise")]
    assert believed(session, beta, FactKey.SEATS) == [(date(2024, 5, 1), "40"), (date(2026, 3, 1), "")]
    assert believed(session, beta, FactKey.STAGE)[-1] == (date(2026, 4, 1), "renewing")
    assert (beta.tier, beta.seats, beta.stage, beta.stage_entered_on) == (
        Tier.ENTERPRISE, None, Stage.RENEWING, date(2026, 4, 1),
    )  # fmt: skip


def test_a_change_dated_earlier_closes_what_was_believed_of_later(session: Session, mia: Viewer, beta: Account) -> None:
    service.set_tier(session, mia, beta, Tier.ENTERPRISE, on=date(2026, 2, 1))
    service.set_tier(session, mia, beta, Tier.LOW_TOUCH, on=date(2025, 6, 1))
    assert believed(session, beta, FactKey.TIER) == [(date(2024, 5, 1), "mid"), (date(2025, 6, 1), "low_touch")]
    kept = session.exec(select(AccountFact).where(col(AccountFact.closed_at).is_not(None))).one()
    assert kept.value == "enterprise"  # closed, and still there


def test_saying_the_same_again_changes_nothing(session: Session, mia: Viewer, beta: Account) -> None:
    version = beta.version
    service.set_tier(session, mia, beta, Tier.MID)
    service.set_seats(session, mia, beta, 40)
    assert beta.version == version
    with pytest.raises(Conflict, match="already in that stage"):
        service.change_stage(session, mia, beta, Stage.LIVE, on=TODAY)


def test_names_and_ids_are_taken_once(session: Session, ana: Viewer, beta: Account) -> None:
    with pytest.raises(NameTaken):
        service.create_account(session, ana, name="  BÉTA ")
    with pytest.raises(ExternalIdTaken):
        service.create_account(session, ana, name="Gamma", external_id="B-1")
    twin = service.create_account(session, ana, name="Beta", external_id="B-2", same_name=True)
    assert twin.name_folded == beta.name_folded
    with pytest.raises(Invalid):
        service.create_account(session, ana, name="   ")


def test_who_may_not_import_makes_no_account(session: Session, agent: Viewer, exec_: Viewer) -> None:
    for viewer in (agent, exec_):
        with pytest.raises(Forbidden):
            service.create_account(session, viewer, name="Gamma")
    assert session.exec(select(Account)).all() == []


def test_two_people_at_once_do_not_overwrite_each_other(session: Session, mia: Viewer, beta: Account) -> None:
    seen = beta.version
    said = {"domain": "beta.example", "country": "FR", "language": "fr", "industry": None}
    service.change_details(session, mia, beta, name="Beta SA", version=seen, **said)
    with pytest.raises(ChangedMeanwhile):
        service.change_details(session, mia, beta, name="Beta Ltd", version=seen, **said)
    assert (beta.name, beta.name_folded) == ("Beta SA", "beta sa")


@pytest.mark.parametrize(
    ("kind", "good", "stored", "bad"),
    [
        (OwnFieldKind.TEXT, "SAP", (None, None), None),
        (OwnFieldKind.NUMBER, "1 234,5", (1234.5, None), "many"),
        (OwnFieldKind.NUMBER, "7", (7.0, None), "nan"),
        (OwnFieldKind.DATE, "2026-05-01", (None, date(2026, 5, 1)), "1 May"),
        (OwnFieldKind.CHOICE, "Retail", (None, None), "Rétail"),
    ],
)
def test_own_fields_hold_what_their_kind_can(
    session: Session, ana: Viewer, beta: Account, kind: OwnFieldKind, good: str, stored: Any, bad: str | None
) -> None:
    own = OwnField(key="x", title="X", kind=kind, choices=["Retail", "Public"])
    session.add(own)
    session.flush()
    service.set_own_value(session, ana, beta, own, good)
    session.flush()
    value = session.exec(select(OwnValue)).one()
    assert (value.text, (value.number, value.day)) == (good, stored)
    if bad:
        with pytest.raises(Invalid):
            service.set_own_value(session, ana, beta, own, bad)
        assert session.exec(select(OwnValue.text)).one() == good
    service.set_own_value(session, ana, beta, own, "")
    session.flush()
    assert session.exec(select(OwnValue)).all() == []


# --- who hears of it -------------------------------------------------------------------------------------------------


@pytest.fixture
def heard(session: Session) -> list[Any]:
    facts: list[Any] = []
    session.info[HANDLERS] = {
        AccountsChanged: [lambda _session, fact: facts.append(fact)],
        InteractionsChanged: [lambda _session, fact: facts.append(fact)],
    }
    return facts


def test_each_change_is_told_after_it_was_made(session: Session, mia: Viewer, beta: Account, heard: list[Any]) -> None:
    told: list[Any] = []
    session.info[HANDLERS] = {
        AccountsChanged: [lambda s, fact: told.append(s.scalar(select(Account.tier).where(col(Account.id) == beta.id)))]
    }
    service.set_tier(session, mia, beta, Tier.ENTERPRISE)
    assert told == [Tier.ENTERPRISE]


def test_many_changes_are_told_once(session: Session, mia: Viewer, heard: list[Any]) -> None:
    with gathered(session):
        made = [service.create_account(session, mia, name=f"Account {n}") for n in range(5)]
        service.set_tier(session, mia, made[0], Tier.ENTERPRISE)
        assert heard == []
    assert heard == [AccountsChanged(tuple(account.id for account in made))]
    heard.clear()
    with pytest.raises(Conflict), gathered(session):
        service.change_stage(session, mia, made[1], Stage.LIVE, on=TODAY)
    assert heard == []
    tell(session, AccountsChanged, [])
    assert heard == []  # nothing happened to nobody


def test_a_day_ahead_is_refused(session: Session, mia: Viewer, beta: Account) -> None:
    with pytest.raises(Invalid):
        service.change_stage(session, mia, beta, Stage.CHURNED, on=TODAY + timedelta(days=1))
    assert beta.stage is Stage.LIVE


def test_forms_of_an_account(as_mia: Any, session: Session, ana: Viewer) -> None:
    sent = {"name": "Halden", "tier": "enterprise", "stage": "onboarding", "owner": str(ana.user_id), "domain": ""}
    answer = as_mia.post("/accounts", data=sent)
    assert answer.status_code == 303
    made = session.exec(select(Account)).one()
    assert answer.headers["location"] == f"/accounts/{made.id}"
    assert (made.tier, made.stage, made.owner_id, made.currency) == (
        Tier.ENTERPRISE, Stage.ONBOARDING, ana.user_id, "EUR",
    )  # fmt: skip

    again = as_mia.post("/accounts", data=sent)
    assert again.status_code == 422
    assert "already an account named Halden" in again.text
    assert len(session.exec(select(Account)).all()) == 1  # nothing of it was kept

    details = {
        "name": "Halden AS", "tier": "mid", "domain": "halden.example", "country": "no", "language": "nb",
        "industry": "", "version": str(made.version),
    }  # fmt: skip
    assert as_mia.post(f"/accounts/{made.id}/details", data=details).status_code == 303
    stale = as_mia.post(f"/accounts/{made.id}/details", data=details)
    assert stale.status_code == 422
    assert "Someone else changed" in stale.text
    assert as_mia.post(f"/accounts/{made.id}/stage", data={"stage": "live", "on": "2026-11-01"}).status_code == 303
    session.expire_all()
    made = session.exec(select(Account)).one()
    assert (made.name, made.tier, made.country, made.stage, made.stage_entered_on) == (
        "Halden AS", Tier.MID, "NO", Stage.LIVE, date(2026, 11, 1),
    )  # fmt: skip


def test_an_unknown_field_is_refused(as_mia: Any, session: Session) -> None:
    answer = as_mia.post("/accounts", data={"name": "X", "tier": "mid", "stage": "live", "arr_minor": "5"})
    assert answer.status_code == 422
    assert session.exec(select(Account)).all() == []
