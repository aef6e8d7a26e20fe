"""Four accounts around one viewer: their own, one they cover, a team-mate's, another team's; each with all there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from io import BytesIO
from typing import Any

from sqlmodel import Session, SQLModel, select

from accounts import service
from accounts.bulk.models import BulkRun, BulkState
from accounts.calendars.models import CalendarFeed
from accounts.goals import service as goals
from accounts.goals.models import Goal, GoalEvidence, GoalStatus
from accounts.importing import service as importing
from accounts.inbox.models import InboxMail, InboxState
from accounts.models import (
    Account,
    AccountTeamMember,
    ArrMovement,
    Channel,
    Contact,
    ContactRole,
    ContactRoleKind,
    Contract,
    Cover,
    Direction,
    Interaction,
    MovementKind,
    OwnField,
    OwnFieldKind,
    Task,
    TeamRole,
)
from accounts.partners.service import add_partner_domain
from accounts.people.merging import merge_contacts
from accounts.people.models import ContactMerge
from accounts.plays import service as plays
from accounts.plays.models import Play, PlayRun, Trigger
from accounts.promises import service as promises
from accounts.promises.models import Promise, PromiseStatus
from accounts.pulse import service as pulses
from accounts.pulse.models import Pulse, PulseColour
from accounts.risks import service as risks
from accounts.risks.models import Risk, RiskReason, RiskStatus
from accounts.views import service as views
from crm.api.models import ApiToken
from crm.clock import machine_now
from crm.csv_io import ImportState
from crm.db import Database
from crm.hours import service as hours
from crm.hours.queries import hours_of
from crm.identity.models import User
from crm.viewer import Books, Role, Viewer, system_viewer
from crm.webhooks.models import DeliveryState, Kind, WebhookDelivery, WebhookEndpoint
from health_scores.recompute import rescore
from support.clocks import PRIORITIES, Clock
from support.importing import uploads as ticket_uploads
from support.inbound.models import InboundEndpoint, InboundMessage, InboundState, Sender
from support.models import EventKind, Ticket, UnmatchedTicket
from support.policies.service import set_rule
from support.records import EventRecord, TicketFields, TicketRecord
from support.service import apply_tickets

UNMATCHED = "Lost qx9vk parcel"
START = date(2026, 1, 5)
HAPPENED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
COVER_FROM, COVER_TO = date(2026, 11, 16), date(2026, 12, 4)


class Ownership(StrEnum):
    OWN = "own"  # the viewer owns it
    COVER = "cover"  # Ben owns it, the viewer covers for him today
    TEAM_MATE = "team-mate's"  # Ben's: of the viewer's team
    OTHER_TEAM = "other team's"  # Zoe's


ARR = {
    Ownership.OWN: 9_111_100,
    Ownership.COVER: 9_222_200,
    Ownership.TEAM_MATE: 9_333_300,
    Ownership.OTHER_TEAM: 9_444_400,
}


@dataclass
class Scene:
    """An account with one of everything; the names are found in no other page by accident."""

    ownership: Ownership
    account: Account
    contact: Contact
    role: ContactRole
    task: Task
    done_task: Task
    interaction: Interaction
    contract: Contract
    movement: ArrMovement
    cover: Cover
    member: AccountTeamMember
    own_field: OwnField
    ticket: Ticket
    twin: Contact
    merge: ContactMerge  # somebody into the twin
    pulse: Pulse
    risk: Risk
    closed_risk: Risk
    goal: Goal
    settled_goal: Goal
    evidence: GoalEvidence
    promise: Promise
    settled_promise: Promise
    play_run: PlayRun

    @property
    def canaries(self) -> tuple[str, ...]:
        said = self.account.name, self.contact.name, self.ticket.subject, self.task.title, self.interaction.body
        return (*said, self.pulse.sentence, self.risk.words, self.goal.objective, self.promise.what)

    @property
    def money_canaries(self) -> tuple[str, ...]:
        whole = ARR[self.ownership] // 100
        return f"{whole:,}", str(whole), f"{whole}.00", f"{whole:,}".replace(",", "\u202f")

    @property
    def words(self) -> tuple[str, ...]:
        return self.canaries + self.money_canaries


@dataclass
class World:
    viewer: Viewer
    ids: dict[str, int]  # of what belongs to no account
    scenes: dict[Ownership, Scene] = field(default_factory=dict)

    def sees(self, ownership: Ownership) -> bool:
        """As docs/rights.md says it; written anew here, so that a mistake in the product is not repeated."""
        viewer = self.viewer
        if viewer.books is Books.OPEN or viewer.role in (Role.EXECUTIVE, Role.ADMINISTRATOR):
            return True
        if ownership in (Ownership.OWN, Ownership.COVER):
            return True
        if ownership is Ownership.TEAM_MATE:
            return viewer.books is Books.TEAM or viewer.role is Role.MANAGER
        return False

    def has_in_hands(self, ownership: Ownership) -> bool:
        if self.viewer.role is Role.ADMINISTRATOR or ownership in (Ownership.OWN, Ownership.COVER):
            return True
        return ownership is Ownership.TEAM_MATE and self.viewer.role is Role.MANAGER

    def manages(self, ownership: Ownership) -> bool:
        if self.viewer.role is Role.ADMINISTRATOR:
            return True
        return self.viewer.role is Role.MANAGER and ownership is not Ownership.OTHER_TEAM

    def reads_money(self, ownership: Ownership) -> bool:
        if self.viewer.role is Role.SUPPORT_AGENT:
            return False
        if self.viewer.role is Role.SALES_REPRESENTATIVE:
            return ownership in (Ownership.OWN, Ownership.COVER)
        return True

    def secrets(self) -> list[str]:
        """What must stand in no answer to this viewer."""
        found = [] if self.viewer.role in (Role.MANAGER, Role.SUPPORT_AGENT, Role.ADMINISTRATOR) else [UNMATCHED]
        for ownership, scene in self.scenes.items():
            if not self.sees(ownership):
                found += [*scene.canaries, *scene.money_canaries]
            elif not self.reads_money(ownership):
                found += scene.money_canaries
        return found


def make_world(
    session: Session, make_person: Callable[..., Viewer], role: Role, *, with_password: str | None = None
) -> World:
    viewer = make_person("Vera Testa", role, "North", email="vera@tenure.example", password_hash=with_password)
    ben = make_person("Ben Okafor", Role.RELATIONSHIP_MANAGER, "North")
    zoe = make_person("Zoe Marchand", Role.RELATIONSHIP_MANAGER, "South")
    admin = make_person("Ada Roux", Role.ADMINISTRATOR)
    mia = make_person("Mia Lindqvist", Role.MANAGER, "North")
    world = World(viewer, {"ben": ben.user_id, "mia": mia.user_id, "admin": admin.user_id})
    play, off_play = (
        plays.create_play(
            session,
            system_viewer(),
            plays.PlayPlan(title, Trigger.DECISION, [plays.StepPlan("Prepare it")], trigger_days=30),
        )
        for title in ("Running play", "Play that is off")
    )
    play.on_since = date(2026, 11, 23)
    world.ids |= {"play": play.id, "off_play": off_play.id}
    for name, author in (("run", viewer), ("started_run", viewer), ("removed_run", viewer), ("foreign_run", zoe)):
        run = importing.receive(session, system_viewer(), BytesIO(b"Name,Tier\nNew Works,mid\n"), f"{name}.csv")
        run.created_by = author.user_id
        world.ids[name] = run.id
    for name, author in (
        ("ticket_run", viewer),
        ("started_ticket_run", viewer),
        ("removed_ticket_run", viewer),
        ("undone_ticket_run", viewer),
        ("foreign_ticket_run", zoe),
    ):
        csv = BytesIO(b"Ticket,Created at,Status\n1,2026-04-13 10:00,open\n")
        run = ticket_uploads.receive(session, system_viewer(), csv, f"{name}.csv")
        run.created_by = author.user_id
        if name == "undone_ticket_run":
            run.state, run.finished_at = ImportState.DONE, machine_now()
        world.ids[name] = run.id
    world.ids["partner"] = add_partner_domain(session, system_viewer(), "partner.example").id
    world.ids |= _clocks(session)
    owners = {
        Ownership.OWN: viewer,
        Ownership.COVER: ben,
        Ownership.TEAM_MATE: ben,
        Ownership.OTHER_TEAM: zoe,
    }
    world.ids |= _of_the_viewer(session, viewer, zoe)
    own_field = OwnField(key="region", title="Region", kind=OwnFieldKind.TEXT)
    session.add(own_field)
    session.flush()
    world.ids["own_field"] = own_field.id
    _add_views_and_changes(session, world, viewer, zoe)
    for number, (ownership, owner) in enumerate(owners.items()):
        world.scenes[ownership] = _scene(session, ownership, owner, viewer, admin, own_field, number, play)
    session.add(
        UnmatchedTicket(
            source_key="test",
            external_id="T-lost",
            subject=UNMATCHED,
            reason="no company",
            opened_at=HAPPENED,
            updated_at=HAPPENED,
            record={},
        )
    )
    rescore(session, [scene.account.id for scene in world.scenes.values()])
    session.commit()
    return world


def _add_views_and_changes(session: Session, world: World, viewer: Viewer, zoe: Viewer) -> None:
    """Views, something that can be taken back, and changes of many accounts: of the viewer, and of Zoe."""
    for name, author, shared in (("view", viewer, False), ("foreign_view", zoe, False), ("shared_view", zoe, True)):
        made = views.save_view(
            session, author, list_key="accounts", title=name, query="scope=all&sort=account", shared=shared
        )
        world.ids[name] = made.id
    for name, author in (("undo", viewer), ("foreign_undo", zoe)):
        gone = views.save_view(session, author, list_key="accounts", title=f"Old {name}", query="scope=all")
        world.ids[name] = views.remove_view(session, author, gone).id
    for name, author, state in (
        ("bulk", viewer, BulkState.DONE),
        ("bulk_chosen", viewer, BulkState.CHOSEN),
        ("foreign_bulk", zoe, BulkState.CHOSEN),
    ):
        run = BulkRun(action="tags", created_by=author.user_id, state=state, values={"add": ["x"], "remove": []})
        run.done_at = machine_now() if state is BulkState.DONE else None
        session.add(run)
        session.flush()
        world.ids[name] = run.id


def _clocks(session: Session) -> dict[str, int]:
    """A calendar with hours from a day on and a closed day, and a rule for enterprise accounts."""
    boss, week = system_viewer(), (((540, 1020),),) * 5 + ((), ())
    calendar = hours.create_calendar(session, boss, title="Night shift", zone="Europe/Paris", week=week)
    day = date(2026, 12, 1)
    hours.set_hours(session, boss, calendar, from_on=day, zone="Europe/Paris", week=week)
    closed = hours.close_day(session, boss, calendar, date(2026, 12, 24))
    targets = {(clock, priority): (60, True) for clock in Clock for priority in PRIORITIES}
    rule = set_rule(session, boss, tier="enterprise", channel="", from_on=day, targets=targets)
    return {
        "calendar": calendar.id,
        "hours": next(one.id for one in hours_of(session, calendar.id) if one.from_on == day),
        "closed_day": closed.id,
        "rule": rule.id,
    }


def _of_the_viewer(session: Session, viewer: Viewer, other: Viewer) -> dict[str, int]:
    """Mail, calendars and webhooks, which belong to people and not to accounts."""
    mails = [
        InboxMail(user_id=one.user_id, message_key=key, state=InboxState.TO_SORT, subject="Hello", happened_at=HAPPENED)
        for key, one in (("own", viewer), ("foreign", other))
    ]
    feeds = [CalendarFeed(user_id=one.user_id, title="Mine", url="https://c.example/x") for one in (viewer, other)]
    endpoint = WebhookEndpoint(title="Chat", url="https://chat.example/x", kinds=[])
    helpdesk = InboundEndpoint(title="Helpdesk", sender=Sender.JIRA)
    token = ApiToken(title="Export", begins="tnr_x", token_hash=b"x" * 32, scopes=[], created_by=other.user_id)
    session.add_all([*mails, *feeds, endpoint, helpdesk, token])
    session.flush()
    failed = InboundMessage(endpoint_id=helpdesk.id, message_key="x", body="{}", state=InboundState.FAILED)
    session.add(failed)
    delivery = WebhookDelivery(endpoint_id=endpoint.id, kind=Kind.TEST, body='{"text": "x"}', state=DeliveryState.DEAD)
    session.add(delivery)
    session.flush()
    return {
        "mail": mails[0].id,
        "foreign_mail": mails[1].id,
        "feed": feeds[0].id,
        "foreign_feed": feeds[1].id,
        "endpoint": endpoint.id,
        "delivery": delivery.id,
        "helpdesk": helpdesk.id,
        "helpdesk_message": failed.id,
        "api_token": token.id,
    }


def _scene(
    session: Session,
    ownership: Ownership,
    owner: Viewer,
    viewer: Viewer,
    admin: Viewer,
    own_field: OwnField,
    number: int,
    play: Play,
) -> Scene:
    system = system_viewer()
    word = f"qx{number}vk"
    user, stand_in = session.get_one(User, owner.user_id), session.get_one(User, viewer.user_id)
    if ownership is not Ownership.COVER:
        stand_in = session.get_one(User, admin.user_id)  # there is a cover to end everywhere
    account = service.create_account(session, system, name=f"Zephyr {word} Works", owner=user, since=START)
    contact = service.add_contact(session, system, account, name=f"Iris {word} Weber", email=f"iris@{word}.example")
    role = service.give_role(session, system, account, contact, ContactRoleKind.SPONSOR, from_on=START)
    contract = service.add_contract(
        session, system, account, starts_on=START, ends_on=date(2027, 1, 4), notice_days=30, title="Main"
    )
    movement = service.move_arr(
        session, system, account, kind=MovementKind.NEW, amount_minor=ARR[ownership], effective_on=START
    )
    cover = service.add_cover(
        session, system, account, user=stand_in, from_on=COVER_FROM, to_on=COVER_TO, reason="Holiday"
    )
    lead = session.get_one(User, admin.user_id)
    member = service.add_team_member(session, system, account, user=lead, role=TeamRole.SUPPORT_LEAD, from_on=START)
    talk = service.log_interaction(
        session,
        owner if owner.role is not Role.EXECUTIVE else system,
        account,
        channel=Channel.CALL,
        direction=Direction.BOTH,
        body=f"Talked about {word} plans",
        contact=contact,
        happened_at=HAPPENED,
    )
    task = service.create_task(
        session, system, account, title=f"Send {word} figures", due_on=date(2026, 11, 27), assignee=user
    )
    done = service.create_task(
        session, system, account, title=f"Old {word} thing", due_on=date(2026, 11, 2), assignee=user
    )
    service.complete_task(session, system, account, done)
    opened = EventRecord(EventKind.OPENED, "opened", HAPPENED)
    record = TicketRecord(
        "test",
        f"T-{word}",
        HAPPENED,
        (opened, EventRecord(EventKind.PRIORITY, "priority", HAPPENED, 1, seq=1)),
        TicketFields(subject=f"Export of {word} fails"),
        account_id=account.id,
        contact_id=contact.id,
    )
    apply_tickets(session, [record])
    ticket = session.exec(select(Ticket).where(Ticket.external_id == record.external_id)).one()
    twin = service.add_contact(session, system, account, name=f"Ira {word} Weber")
    merge = merge_contacts(session, system, twin, service.add_contact(session, system, account, name="I. Weber"))
    (run,) = plays.start_play(session, system, play, [account]).runs
    return Scene(
        ownership,
        account,
        contact,
        role,
        task,
        done,
        talk,
        contract,
        movement,
        cover,
        member,
        own_field,
        ticket,
        play_run=run,
        twin=twin,
        merge=merge,
        **_matters(session, ownership, account, user, word),
    )


def _matters(session: Session, ownership: Ownership, account: Account, owner: User, word: str) -> dict[str, Any]:
    """Pulse, risks, goals and promises, open ones and settled ones."""
    system = system_viewer()
    pulse = pulses.set_pulse(session, system, account, colour=PulseColour.RED, sentence=f"The {word} plan is late")
    risk, closed_risk = (
        risks.open_risk(
            session,
            system,
            account,
            reason=RiskReason.PRICE,
            words=f"{word} is too dear",
            arr_minor=ARR[ownership],
            next_step=f"Call about {word}",
            next_on=date(2026, 11, 25),
            help_needed=f"A date for {word}",
        )
        for _ in range(2)
    )
    risks.close_risk(session, system, account, closed_risk, status=RiskStatus.MITIGATED, outcome="Averted")
    goal, settled_goal = (
        goals.set_goal(session, system, account, objective=f"Calm {word} nights", due_on=date(2027, 3, 1))
        for _ in range(2)
    )
    evidence = goals.add_evidence(session, system, account, goal, words=f"{word} is calmer")
    goals.settle_goal(session, system, account, settled_goal, status=GoalStatus.REACHED)
    promise, settled_promise = (
        promises.make_promise(
            session, system, account, what=f"A {word} date", due_on=date(2026, 11, 27), promised_by=owner
        )
        for _ in range(2)
    )
    promises.settle_promise(session, system, account, settled_promise, status=PromiseStatus.KEPT)
    return {
        "pulse": pulse,
        "risk": risk,
        "closed_risk": closed_risk,
        "goal": goal,
        "settled_goal": settled_goal,
        "evidence": evidence,
        "promise": promise,
        "settled_promise": settled_promise,
    }


# --- trying without keeping, and seeing whether anything was kept ----------------------------------------------------


@contextmanager
def nothing_is_kept(database: Database) -> Iterator[None]:
    """Writes go as far as the database's own checks and are then taken back, so that each case finds the same world."""

    real = database.unit_of_work

    @contextmanager
    def tried() -> Iterator[Session]:
        with real() as session:
            yield session
            session.flush()
            session.rollback()

    database.unit_of_work = tried  # type: ignore[method-assign]
    try:
        yield
    finally:
        del database.unit_of_work  # type: ignore[method-assign]


def contents(session: Session) -> dict[str, frozenset[str]]:
    """Every row of every table, without when a session was last used: refused or not, it was."""
    session.rollback()
    kept = {
        table: [column for column in table.columns if column.name != "seen_at"]
        for table in SQLModel.metadata.sorted_tables
    }
    return {
        table.name: frozenset(repr(tuple(row)) for row in session.execute(select(*columns)).all())
        for table, columns in kept.items()
    }


def differences(before: dict[str, frozenset[str]], after: dict[str, frozenset[str]]) -> list[str]:
    return [
        f"{table}: {len(before[table] - after[table])} rows gone, {len(after[table] - before[table])} new"
        for table in before
        if before[table] != after[table]
    ]
