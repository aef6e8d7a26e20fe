"""Who may change what, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from accounts import service
from accounts.models import (
    Account,
    AccountFact,
    ArrMovement,
    Assignment,
    Channel,
    Contact,
    ContactRole,
    ContactRoleKind,
    Contract,
    Cover,
    Direction,
    Interaction,
    MovementKind,
    OwnValue,
    Stage,
    Task,
    TeamRole,
    Tier,
)
from accounts.people.leaving import leave
from accounts.rights import hands_on, in_hands_of
from crm.audit import AuditEntry
from crm.errors import Forbidden
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class May:
    change: bool = False
    arrange: bool = False
    change_money: bool = False
    read_money: bool = False
    note: bool = False
    assign: bool = False


EVERYTHING = May(True, True, True, True, True, True)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("ana", May(change=True, arrange=True, change_money=True, read_money=True, note=True)),
        ("ben", May(read_money=True, note=True)),
        ("mia", EVERYTHING),
        ("zoe", May(read_money=True, note=True)),
        ("specialist", May(read_money=True, note=True)),
        ("agent", May(note=True)),
        ("sales", May(note=True)),
        ("exec_", May(read_money=True)),
        ("admin", EVERYTHING),
    ],
)
def test_what_each_may_on_acme(
    request: pytest.FixtureRequest, session: Session, acme: Account, person: str, expected: May
) -> None:
    viewer = request.getfixturevalue(person)
    hands = hands_on(session, viewer, acme, TODAY)
    found = May(
        hands.may_change,
        hands.may_arrange,
        hands.may_change_money,
        hands.may_read_money,
        hands.may_note,
        hands.may_assign,
    )
    assert found == expected
    listed = session.exec(select(Account.id).where(in_hands_of(viewer, TODAY), col(Account.id) == acme.id)).first()
    assert (listed is not None) == expected.change  # the condition for lists says the same


def test_a_cover_may_what_the_owner_may_on_its_days(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    service.add_cover(session, ana, acme, as_user(zoe), from_on=TODAY, to_on=TODAY + timedelta(days=2))
    assert hands_on(session, zoe, acme, TODAY).may_arrange
    assert hands_on(session, zoe, acme, TODAY + timedelta(days=2)).may_change_money
    assert not hands_on(session, zoe, acme, TODAY + timedelta(days=3)).may_change
    assert not hands_on(session, zoe, acme, TODAY - timedelta(days=1)).may_change


def test_the_account_team_changes_but_does_not_arrange(
    session: Session, ana: Viewer, agent: Viewer, acme: Account, as_user: Any
) -> None:
    service.add_team_member(session, ana, acme, as_user(agent), TeamRole.SUPPORT_LEAD, from_on=TODAY)
    hands = hands_on(session, agent, acme, TODAY)
    assert hands.may_change
    assert not hands.may_arrange
    assert not hands.may_read_money  # support agents never


def test_sales_read_money_where_they_were_granted(
    session: Session, mia: Viewer, sales: Viewer, acme: Account, as_user: Any
) -> None:
    assert not hands_on(session, sales, acme, TODAY).may_read_money
    service.grant_access(session, mia, acme, as_user(sales), from_on=TODAY, to_on=TODAY)
    assert hands_on(session, sales, acme, TODAY).may_read_money
    assert not hands_on(session, sales, acme, TODAY + timedelta(days=1)).may_read_money


def test_an_account_of_nobody_may_be_taken_by_any_manager(
    session: Session, mia: Viewer, zoe: Viewer, exec_: Viewer, make_account: Callable[..., Account]
) -> None:
    loose = make_account("Loose", owner=None)
    assert hands_on(session, mia, loose, TODAY).may_change
    assert hands_on(session, zoe, loose, TODAY).may_assign
    assert not hands_on(session, zoe, loose, TODAY).may_change
    assert not hands_on(session, exec_, loose, TODAY).may_assign


def test_a_manager_of_another_team_may_not(
    session: Session, mia: Viewer, zoe: Viewer, make_account: Callable[..., Account]
) -> None:
    southern = make_account("Southern", owner=zoe)
    assert not hands_on(session, mia, southern, TODAY).may_change


def test_a_refusal_says_whom_to_ask(
    session: Session, ana: Viewer, ben: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    with pytest.raises(Forbidden, match="Acme belongs to Ana Duarte; ask them or their manager"):
        service.set_tier(session, zoe, acme, Tier.ENTERPRISE)
    service.add_cover(session, ana, acme, as_user(ben), from_on=TODAY, to_on=TODAY)
    with pytest.raises(Forbidden, match="Ana Duarte, covered by Ben Okafor"):
        service.set_tier(session, zoe, acme, Tier.ENTERPRISE)


# --- nothing happens -------------------------------------------------------------------------------------------------

TABLES = (
    Account, AccountFact, ArrMovement, Assignment, Contact, ContactRole, Contract, Cover, Interaction, OwnValue, Task,
    AuditEntry,
)  # fmt: skip


def _state(session: Session) -> list[Any]:
    session.expire_all()
    state: list[Any] = [session.scalar(select(func.count()).select_from(table)) for table in TABLES]
    for table in (Account, Task, Interaction, Cover, Contract, Contact):
        rows = session.scalars(select(table).order_by(col(table.id)))  # type: ignore[attr-defined]
        state.append([row.model_dump() for row in rows])
    return state


Do = Callable[[Session, Viewer, "Things"], object]


@dataclass
class Things:
    account: Account
    contract: Contract
    contact: Contact
    role: ContactRole
    task: Task
    note: Interaction
    cover: Cover
    movement: ArrMovement
    someone: Any


DOINGS: dict[str, Do] = {
    "details": lambda s, v, t: service.change_details(
        s, v, t.account, name="New", domain=None, country=None, language=None, industry=None
    ),
    "stage": lambda s, v, t: service.change_stage(s, v, t.account, Stage.RENEWING, on=TODAY),
    "tier": lambda s, v, t: service.set_tier(s, v, t.account, Tier.ENTERPRISE),
    "seats": lambda s, v, t: service.set_seats(s, v, t.account, 7),
    "owner": lambda s, v, t: service.assign_owner(s, v, t.account, t.someone, on=TODAY, reason="x"),
    "cover": lambda s, v, t: service.add_cover(s, v, t.account, t.someone, from_on=TODAY, to_on=TODAY),
    "end cover": lambda s, v, t: service.end_cover(s, v, t.account, t.cover, last_day=TODAY),
    "team": lambda s, v, t: service.add_team_member(s, v, t.account, t.someone, TeamRole.BACKUP, from_on=TODAY),
    "access": lambda s, v, t: service.grant_access(s, v, t.account, t.someone),
    "contract": lambda s, v, t: service.add_contract(s, v, t.account, starts_on=TODAY, ends_on=TODAY),
    "renew": lambda s, v, t: service.renew_contract(s, v, t.account, t.contract, ends_on=date(2028, 1, 31)),
    "close": lambda s, v, t: service.close_contract(s, v, t.account, t.contract),
    "arr": lambda s, v, t: service.move_arr(s, v, t.account, MovementKind.NEW, 100, effective_on=TODAY),
    "correct arr": lambda s, v, t: service.correct_movement(s, v, t.account, t.movement, amount_minor=5, note="x"),
    "contact": lambda s, v, t: service.add_contact(s, v, t.account, name="Someone"),
    "change contact": lambda s, v, t: service.change_contact(
        s, v, t.account, t.contact, name="X", email=None, phone=None, language=None, position=""
    ),
    "contact left": lambda s, v, t: leave(s, v, t.account, t.contact, on=TODAY),
    "role": lambda s, v, t: service.give_role(s, v, t.account, t.contact, ContactRoleKind.BILLING, from_on=TODAY),
    "end role": lambda s, v, t: service.end_role(s, v, t.account, t.role, on=TODAY),
    "complete": lambda s, v, t: service.complete_task(s, v, t.account, t.task),
    "move": lambda s, v, t: service.move_task(s, v, t.account, t.task, due_on=TODAY),
    "take back": lambda s, v, t: service.close_interaction(s, v, t.account, t.note),
}


@pytest.fixture
def things(
    session: Session,
    ana: Viewer,
    mia: Viewer,
    zoe: Viewer,
    acme: Account,
    contract: Contract,
    iris: Contact,
    as_user: Any,
) -> Things:
    note = service.log_interaction(
        session, ana, acme, channel=Channel.CALL, direction=Direction.OUT, body="hello", contact=iris
    )
    made = Things(
        account=acme,
        contract=contract,
        contact=iris,
        role=session.scalars(select(ContactRole)).one(),
        task=service.create_task(session, ana, acme, title="call back", due_on=date(2026, 11, 27)),
        note=note,
        cover=service.add_cover(session, ana, acme, as_user(mia), from_on=date(2026, 12, 1), to_on=date(2026, 12, 9)),
        movement=service.move_arr(session, ana, acme, MovementKind.NEW, 900_00, effective_on=TODAY),
        someone=as_user(zoe),
    )
    session.commit()
    return made


@pytest.mark.parametrize("person", ["ben", "exec_", "sales"])
def test_who_has_not_the_account_in_hand_changes_nothing(
    request: pytest.FixtureRequest, session: Session, things: Things, person: str
) -> None:
    viewer = request.getfixturevalue(person)
    before = _state(session)
    for doing, do in DOINGS.items():
        with pytest.raises(Forbidden):
            do(session, viewer, things)
        session.commit()
        assert _state(session) == before, doing


def test_the_teams_manager_may_do_all_of_it(session: Session, things: Things, mia: Viewer) -> None:
    before = _state(session)
    for doing, do in DOINGS.items():
        do(session, mia, things)
        session.flush()
        assert _state(session) != before, doing
        session.rollback()


def test_each_write_is_audited(session: Session, things: Things, mia: Viewer) -> None:
    for doing in ("stage", "tier", "seats", "team", "access", "arr", "contact", "role", "complete", "owner"):
        DOINGS[doing](session, mia, things)
    session.flush()
    verbs = session.scalars(select(AuditEntry.verb).where(col(AuditEntry.actor_id) == mia.user_id)).all()
    assert sorted(verbs) == sorted(
        [
            "account.stage_changed",
            "account.tier_changed",
            "account.seats_changed",
            "account.team_joined",
            "account.access_granted",
            "arr.moved",
            "contact.added",
            "contact.role_given",
            "task.completed",
            "account.assigned",
        ]
    )


@pytest.mark.parametrize("person", ["ben", "zoe", "agent", "sales"])
def test_whoever_reads_may_note(request: pytest.FixtureRequest, session: Session, acme: Account, person: str) -> None:
    viewer = request.getfixturevalue(person)
    service.log_interaction(session, viewer, acme, channel=Channel.NOTE, direction=Direction.NONE, body="seen")
    service.create_task(session, viewer, acme, title="look", due_on=TODAY)


def test_executives_do_not_note(session: Session, exec_: Viewer, acme: Account) -> None:
    with pytest.raises(Forbidden):
        service.log_interaction(session, exec_, acme, channel=Channel.NOTE, direction=Direction.NONE, body="seen")
    assert session.scalars(select(Interaction)).all() == []


def test_a_refused_page_is_403_with_whom_to_ask(as_zoe: Any, session: Session, acme: Account) -> None:
    for path in ("/details", "/stage", "/owner", "/contacts/new", "/contracts/new", "/movements/new", "/seats"):
        answer = as_zoe.get(f"/accounts/{acme.id}{path}")
        assert answer.status_code == 403, path
    assert "Ana Duarte" in as_zoe.get(f"/accounts/{acme.id}/stage").text
    answer = as_zoe.post(f"/accounts/{acme.id}/stage", data={"stage": "churned", "on": "today"})
    assert answer.status_code == 403
    session.expire_all()
    assert session.get_one(Account, acme.id).stage is Stage.LIVE


def test_money_is_not_on_the_page_of_those_who_may_not_read_it(
    as_agent: Any, as_ana: Any, session: Session, acme: Account, ana: Viewer
) -> None:
    service.move_arr(session, ana, acme, MovementKind.NEW, 12_345_600, effective_on=TODAY)
    session.commit()
    said = {
        f"/accounts/{acme.id}": "€123,456",
        "/accounts?scope=all": "€123",
        "/accounts?scope=all&sort=-arr": "€123",
        "/accounts.csv?scope=all": '"123456"',
    }
    for path, amount in said.items():
        assert amount in as_ana.get(path).text, path
        assert amount not in as_agent.get(path).text, path
    assert as_agent.get(f"/accounts/{acme.id}/movements").status_code == 403


def test_sales_see_money_in_the_list_only_where_granted(
    session: Session,
    mia: Viewer,
    sales: Viewer,
    sign_in: Any,
    acme: Account,
    make_account: Callable[..., Account],
    as_user: Any,
) -> None:
    make_account("Other", arr_minor=77_700_000)
    service.grant_access(session, mia, acme, as_user(sales))
    session.commit()
    page = sign_in(sales).get("/accounts?scope=all&sort=-arr").text
    assert "€184" in page
    assert "€777" not in page
    assert page.index("Acme") < page.index("Other")  # what one may not read is unknown: last


def test_books_do_not_change_who_may_change(session: Session, ben: Viewer, acme: Account) -> None:
    assert hands_on(session, replace(ben, team_id=None), acme, TODAY).may_change is False
