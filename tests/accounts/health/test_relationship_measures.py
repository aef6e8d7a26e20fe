"""What talks, roles and tiers say of an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import Session, select

from accounts.models import Account, Channel, ContactRole, ContactRoleKind, Direction, Tier
from crm.contracts import LineFacts, RecordsContext
from crm.viewer import system_viewer
from health_scores.asof import AsOf
from health_scores.compute import Computed, compute
from health_scores.published import built_in
from support.models import EventKind
from tests.health_scores._histories import BOARD, LIVE, NOW, ago, event, person, resolved, talk, tell, ticket

MakeAccount = Callable[..., Account]


def scored(session: Session, as_of: AsOf = LIVE) -> Computed:
    return compute(session, BOARD, built_in(), as_of, known_at=NOW, before={})


def figure(session: Session, key: str) -> float:
    return float(BOARD.measures[key].value(scored(session).features)[0])


def words(session: Session, key: str) -> str:
    computed = scored(session)
    measure = BOARD.measures[key]
    kept = {name: float(of(computed.features)[0]) for name, of in measure.explained_by.items()}
    facts = LineFacts(figure(session, key), {k: v for k, v in kept.items() if v == v}, NOW, "Europe/Paris")
    return str(measure.explain(facts))


@pytest.mark.parametrize(("tier", "owed"), [(Tier.ENTERPRISE, 14), (Tier.MID, 30), (Tier.LOW_TOUCH, 90)])
def test_silence_is_counted_in_cadences_of_the_tier(
    session: Session, make_account: MakeAccount, tier: Tier, owed: int
) -> None:
    account = make_account("Halden", tier=tier)
    talk(session, account, ago(days=45))
    assert figure(session, "silence") == 45 / owed
    assert words(session, "silence") == f"No contact of any kind for 45 days; owed every {owed} days"


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"channel": Channel.EMAIL, "direction": Direction.IN, "two_way": False}, True),
        ({"channel": Channel.EMAIL, "direction": Direction.OUT, "two_way": False}, True),
        ({"channel": Channel.EMAIL, "direction": Direction.OUT, "two_way": False, "mass": True}, False),
        ({"channel": Channel.EMAIL, "direction": Direction.IN, "two_way": False, "automatic": True}, False),
        ({"channel": Channel.NOTE, "direction": Direction.NONE, "two_way": False}, False),
    ],
)
def test_what_counts_as_contact(session: Session, acme: Account, values: dict[str, object], counts: bool) -> None:
    talk(session, acme, ago(days=2), **values)
    assert np.isnan(figure(session, "silence")) != counts


def test_a_ticket_is_contact_but_an_urgent_one_only_once_it_is_solved(session: Session, acme: Account) -> None:
    talk(session, acme, ago(days=60))
    tell(session, ticket(acme, ago(days=5), priority=1, external_id="T-1"))
    assert figure(session, "silence") == 2
    assert words(session, "silence") == (
        "No contact for 60 days but an urgent call that is still open; owed every 30 days"
    )
    tell(session, ticket(acme, ago(days=5), resolved(ago(days=1)), priority=1, external_id="T-1"))
    assert figure(session, "silence") == 5 / 30


def test_a_correction_of_a_talk_counts_and_what_it_replaced_does_not(session: Session, acme: Account) -> None:
    wrong = talk(session, acme, ago(days=1))
    wrong.closed_at = NOW
    talk(session, acme, ago(days=33))
    assert figure(session, "silence") == 33 / 30


def test_where_nobody_is_said_to_decide_a_talk_with_anybody_counts(session: Session, acme: Account) -> None:
    talk(session, acme, ago(days=80))
    talk(session, acme, ago(days=40), person(session, acme, ContactRoleKind.USER))
    assert figure(session, "key_silence") == 40 / 30
    assert words(session, "key_silence").endswith("Who decides there is not known")


def test_a_talk_with_a_sponsor_who_left_later_was_a_talk_with_a_sponsor(session: Session, acme: Account) -> None:
    gone = person(session, acme, ContactRoleKind.SPONSOR, to_on=ago(days=10).date())
    talk(session, acme, ago(days=40), gone)
    talk(session, acme, ago(days=3))
    assert figure(session, "key_silence") == 40 / 30


def test_a_champion_who_left_is_gone_until_another_is_named(session: Session, acme: Account) -> None:
    assert figure(session, "champion_gone") == 0  # there never was one
    person(session, acme, ContactRoleKind.CHAMPION, to_on=(NOW + timedelta(days=3)).date())
    assert figure(session, "champion_gone") == 0  # leaves on Thursday
    person(session, acme, ContactRoleKind.CHAMPION, from_on=ago(days=400).date(), to_on=ago(days=30).date())
    assert figure(session, "champion_gone") == 0
    later = AsOf(NOW + timedelta(days=3))
    assert float(BOARD.measures["champion_gone"].value(scored(session, later).features)[0]) == 1
    person(session, acme, ContactRoleKind.CHAMPION, from_on=ago(days=2).date())
    assert float(BOARD.measures["champion_gone"].value(scored(session, later).features)[0]) == 0


def test_a_role_that_was_corrected_counts_as_it_is_known(session: Session, acme: Account) -> None:
    champion = person(session, acme, ContactRoleKind.CHAMPION)
    role = session.exec(select(ContactRole).where(ContactRole.contact_id == champion.id)).one()
    role.closed_at = NOW
    session.add(
        ContactRole(
            account_id=acme.id,
            contact_id=champion.id,
            role=ContactRoleKind.CHAMPION,
            from_on=role.from_on,
            to_on=ago(days=5).date(),
            known_at=NOW,
        )
    )
    session.flush()
    assert figure(session, "champion_gone") == 1
    then = AsOf(NOW - timedelta(seconds=1), known_at=NOW - timedelta(seconds=1))
    role.known_at = ago(days=100)
    session.flush()
    assert float(BOARD.measures["champion_gone"].value(scored(session, then).features)[0]) == 0


def test_records_name_with_whom_it_was(session: Session, acme: Account) -> None:
    sponsor = person(session, acme, name="Ingrid Moe")
    talk(session, acme, ago(days=40), sponsor)
    context = RecordsContext(session, system_viewer(), acme.id, LIVE.features([acme.id]))
    talked, who = BOARD.measures["key_silence"].records(context)
    assert str(talked.note) == "Call with Ingrid Moe"
    assert (who.title, str(who.note)) == ("Ingrid Moe", "sponsor")


def test_events_of_the_helpdesk_are_no_talk_with_those_who_decide(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=5), event(EventKind.AGENT_REPLY, ago(days=4))))
    assert np.isnan(figure(session, "key_silence"))
