"""Writes an imagined history into an empty installation, in one transaction: the demo is whole, or it is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from accounts.events import AccountsChanged, ContactsChanged, InteractionsChanged, gathered, tell
from accounts.models import (
    AccessKind,
    Account,
    AccountAccess,
    AccountFact,
    AccountTeamMember,
    ArrMovement,
    Assignment,
    Contact,
    ContactAccount,
    ContactRole,
    Contract,
    Cover,
    FactKey,
    Interaction,
    OwnField,
    OwnFieldKind,
    OwnValue,
    Stage,
    Task,
    TeamRole,
    Tier,
)
from accounts.names import fold
from accounts.service import touch_source
from accounts.service.assignments import FORMER_OWNER_READS
from accounts.service.interactions import is_two_way
from accounts.service.sources import touch_by_hand
from crm.clock import start_of
from crm.demo import people
from crm.demo.cast import Someone
from crm.demo.companies import COMPANIES, Company
from crm.demo.history import History
from crm.demo.talks import handed_over
from crm.demo.tickets import SOURCE, SOURCE_TITLE, Made
from crm.demo.when import dice
from crm.identity import service as identity
from crm.identity.models import User
from crm.ids import new_id
from crm.text import N_
from support.records import TicketFields, TicketRecord
from support.service import apply_tickets

Progress = Callable[[float, str], None]
HELPDESK = "https://tenure-demo.zendesk.example/agent/tickets/"
LIVE_AFTER = 85  # days from the signature until a customer works by itself
_PARTS = 4


class Maker:
    """Keeps the ids of what was written, so that what follows can refer to it."""

    def __init__(self, session: Session, history: History) -> None:
        self.session = session
        self.history = history
        self.book = history.book
        self.users: dict[str, User] = {}
        self.accounts: dict[str, int] = {}
        self.contacts: dict[tuple[str, str], int] = {}  # company, name

    def write(self, progress: Progress) -> None:
        progress(0.13, N_("People and teams"))
        self.people()
        progress(0.15, N_("Customers and contracts"))
        with gathered(self.session):
            self.companies()
            self.contacts_and_roles()
            self.hands()
            self.money()
            self.own_fields()
            progress(0.18, N_("Talks and tasks"))
            self.talks()
            self.tasks()
            ids = self.accounts.values()
            for fact in (AccountsChanged, ContactsChanged, InteractionsChanged):
                tell(self.session, fact, ids)
        self.tickets(progress)
        self.sources()

    def put(self, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
        table: Any = model.__table__  # type: ignore[attr-defined]
        everything = [{"id": new_id(), **row} for row in rows]
        if everything:
            self.session.execute(insert(table), everything)

    # --- ours ---

    def people(self) -> None:
        teams = {name: identity.create_team(self.session, name) for name in people.TEAMS}
        for person in people.PEOPLE:
            self.users[person.key] = identity.create_user(
                self.session,
                name=person.name,
                email=person.email,
                role=person.role,
                team=teams[person.team] if person.team else None,
                language=person.language,
                time_zone="Europe/Paris",
                demo_role=person.enters,
            )
        self.session.flush()

    def user(self, key: str) -> int:
        return self.users[key].id

    # --- customers ---

    def companies(self) -> None:
        rows, facts = [], []
        for place, company in enumerate(COMPANIES):
            account_id = self.accounts[company.key] = new_id()
            stages = stages_of(company)
            money = self.history.money[company.key]
            current = next((term for term in reversed(money.terms) if term.closed_on is None), None)
            signed = start_of(self.book.day(company.since))
            rows.append(
                {
                    "id": account_id,
                    "name": company.name,
                    "name_folded": fold(company.name),
                    "external_id": f"C-{1000 + 7 * place}",
                    "domain": f"{company.domain}.example",
                    "tier": company.tier,
                    "stage": stages[-1][0],
                    "stage_entered_on": self.book.day(stages[-1][1]),
                    "team_id": self.users[company.owner].team_id,
                    "owner_id": self.user(company.owner),
                    "parent_id": None,
                    "arr_minor": 100 * sum(movement.amount for movement in money.movements),
                    "currency": company.currency,
                    "seats": company.seats,
                    "decides_on": current and Contract.decision_day(current.ends_on, current.notice_days),
                    "ends_on": current and current.ends_on,
                    "country": company.country,
                    "language": company.language,
                    "industry": company.industry,
                    "version": 1,
                    "created_at": signed,
                    "closed_at": None,
                }
            )
            facts += [(account_id, FactKey.TIER, company.tier.value, signed)]
            facts += [(account_id, FactKey.STAGE, stage.value, start_of(self.book.day(ago))) for stage, ago in stages]
            facts += [(account_id, FactKey.SEATS, str(seats), start_of(on)) for on, seats in money.seats]
        self.put(Account, rows)
        self.put(
            AccountFact,
            (
                {
                    "account_id": account_id,
                    "key": key,
                    "value": value,
                    "happened_at": at,
                    "known_at": self.book.now,
                    "closed_at": None,
                }
                for account_id, key, value, at in facts
            ),
        )

    def contacts_and_roles(self) -> None:
        everybody = [one for cast in self.history.casts.values() for one in cast.everybody]
        for one in everybody:
            self.contacts[one.company, one.name] = new_id()
        self.put(
            Contact,
            (
                {
                    "id": self.contacts[one.company, one.name],
                    "name": one.name,
                    "name_folded": fold(one.name),
                    "email": one.email,
                    "phone": one.phone,
                    "language": one.language,
                    "external_id": f"{SOURCE}:{36_000_000 + 417 * place}",
                    "created_at": start_of(self.book.day(one.since)),
                    "closed_at": None,
                }
                for place, one in enumerate(everybody)
            ),
        )
        self.put(
            ContactAccount,
            (
                {
                    "contact_id": self.contact(one),
                    "account_id": self.accounts[one.company],
                    "position": one.position,
                    "from_on": self.book.day(one.since),
                    "to_on": None if one.left is None else self.book.day(one.left),
                }
                for one in everybody
            ),
        )
        self.put(
            ContactRole,
            (
                {
                    "account_id": self.accounts[one.company],
                    "contact_id": self.contact(one),
                    "role": role,
                    "from_on": self.book.day(start),
                    "to_on": None if end is None else self.book.day(end),
                    "known_at": self.book.now,
                    "closed_at": None,
                }
                for one in everybody
                for role, start, end in one.roles
            ),
        )

    def contact(self, someone: Someone) -> int:
        return self.contacts[someone.company, someone.name]

    # --- in whose hands ---

    def hands(self) -> None:
        assignments: list[tuple[int, int, date, date | None, str]] = []
        access: list[tuple[int, int, AccessKind, date, date | None]] = []
        for company in COMPANIES:
            account_id, owner = self.accounts[company.key], self.user(company.owner)
            signed, from_on, reason = self.book.day(company.since), self.book.day(company.since), "First owner"
            before = handed_over(company)
            if before is not None:
                key, ago, reason = before
                from_on = self.book.day(ago)
                assignments.append((account_id, self.user(key), signed, from_on, "First owner"))
                last_day = from_on - timedelta(days=1)
                access.append((account_id, self.user(key), AccessKind.OWNER, signed, last_day))
                access.append((account_id, self.user(key), AccessKind.FORMER, from_on, last_day + FORMER_OWNER_READS))
            assignments.append((account_id, owner, from_on, None, reason))
            access.append((account_id, owner, AccessKind.OWNER, from_on, None))
        members = [member for company in COMPANIES for member in self._team_of(company)]
        access += [(account_id, user_id, AccessKind.TEAM, on, None) for account_id, user_id, _, on in members]
        covers = self._covers()
        access += [(account_id, user_id, AccessKind.COVER, start, end) for account_id, user_id, start, end in covers]
        self.put(Assignment, _rows("account_id user_id from_on to_on reason", assignments, known_at=self.book.now))
        self.put(AccountAccess, _rows("account_id user_id kind from_on to_on", access))
        self.put(AccountTeamMember, _rows("account_id user_id role from_on", members, to_on=None))
        self.put(Cover, _rows("account_id user_id from_on to_on", covers, reason="Elif is on leave"))

    def _team_of(self, company: Company) -> list[tuple[int, int, TeamRole, date]]:
        """Colleagues who answer for one matter; low-touch customers have their owner only."""
        if company.churned is not None or company.tier is Tier.LOW_TOUCH:
            return []
        signed, account_id = self.book.day(company.since), self.accounts[company.key]
        industry = people.BY_KEY[company.owner].team == people.INDUSTRY
        members: list[tuple[str, TeamRole, date]] = []
        if company.course == "late_onboarding":
            members.append(("tom.becker" if industry else "sofia.rossi", TeamRole.SPECIALIST, signed))
        if company.tier is Tier.ENTERPRISE:
            members.append(("marc.dubois", TeamRole.ACCOUNT_EXECUTIVE, signed))
            lead = "priya.nair" if company.language == "fr" or company.arr > 230_000 else "jonas.weber"
            members.append((lead, TeamRole.SUPPORT_LEAD, self.book.day(min(company.since, 500))))
        if company.key in _SPONSORED:
            members.append(("helene.caron", TeamRole.SPONSOR, self.book.day(min(company.since, 250))))
        if company.key == "halden":
            members.append(("ben.adler", TeamRole.BACKUP, self.book.day(300)))
        return [(account_id, self.user(key), role, on) for key, role, on in members]

    def _covers(self) -> list[tuple[int, int, date, date]]:
        """Elif is away; Ben stands in until Friday."""
        since, until = self.book.workday(4), self.book.friday(at_least=2)
        mine = [company for company in COMPANIES if company.owner == "elif.kaya" and company.churned is None]
        return [(self.accounts[company.key], self.user("ben.adler"), since, until) for company in mine]

    # --- contracts and own fields ---

    def money(self) -> None:
        contracts, movements = [], []
        for company in COMPANIES:
            account_id, money = self.accounts[company.key], self.history.money[company.key]
            current = 0
            for place, term in enumerate(money.terms):
                current = new_id()
                contracts.append(
                    {
                        "id": current,
                        "account_id": account_id,
                        "external_id": f"{company.domain.upper()[:6]}-{term.starts_on:%Y}-{place + 1}",
                        "title": "Operations platform",
                        "starts_on": term.starts_on,
                        "ends_on": term.ends_on,
                        "auto_renews": company.tier is not Tier.ENTERPRISE,
                        "notice_days": term.notice_days,
                        "decides_on": Contract.decision_day(term.ends_on, term.notice_days),
                        "seats": term.seats,
                        "known_at": self.book.now,
                        "closed_at": None if term.closed_on is None else start_of(term.closed_on),
                    }
                )
            movements += [
                {
                    "account_id": account_id,
                    "contract_id": current,
                    "kind": movement.kind,
                    "amount_minor": 100 * movement.amount,
                    "currency": company.currency,
                    "effective_on": movement.on,
                    "known_at": self.book.now,
                    "corrects_id": None,
                    "note": movement.note,
                }
                for movement in money.movements
            ]
        self.put(Contract, contracts)
        self.put(ArrMovement, movements)

    def own_fields(self) -> None:
        fields = {
            "contract_language": ("Contract language", OwnFieldKind.CHOICE, ["English", "French", "German"]),
            "deployment": ("Deployment", OwnFieldKind.CHOICE, ["Cloud EU", "Cloud US", "On premises"]),
            "plants": ("Plants", OwnFieldKind.NUMBER, []),
            "go_live_planned": ("Go-live planned", OwnFieldKind.DATE, []),
        }
        ids = {key: new_id() for key in fields}
        self.put(
            OwnField,
            (
                {"id": ids[key], "key": key, "title": title, "kind": kind, "choices": choices}
                for key, (title, kind, choices) in fields.items()
            ),
        )
        values = []
        for company in COMPANIES:
            account_id = self.accounts[company.key]
            for key, (text, number, day) in _own_values(company, self.history).items():
                values.append(
                    {"account_id": account_id, "field_id": ids[key], "text": text, "number": number, "day": day}
                )
        self.put(OwnValue, values)

    # --- talks and tasks ---

    def talks(self) -> None:
        self.put(
            Interaction,
            (
                {
                    "account_id": self.accounts[talk.company],
                    "contact_id": self.contact(talk.contact) if talk.contact else None,
                    "author_id": self.user(talk.author),
                    "channel": talk.channel,
                    "direction": talk.direction,
                    "two_way": is_two_way(talk.channel, talk.direction, mass=talk.mass),
                    "automatic": False,
                    "mass": talk.mass,
                    "subject": talk.subject,
                    "body": talk.body,
                    "duration_minutes": talk.minutes,
                    "source_key": None,
                    "external_id": None,
                    "happened_at": talk.at,
                    "known_at": self.book.now,
                    "closed_at": None,
                }
                for talk in self.history.talks
            ),
        )

    def tasks(self) -> None:
        self.put(
            Task,
            (
                {
                    "account_id": self.accounts[todo.company],
                    "assignee_id": self.user(todo.who),
                    "title": todo.title,
                    "due_on": todo.due_on,
                    "interaction_id": None,
                    "created_by": self.user(todo.who),
                    "created_at": todo.created_at,
                    "done_at": todo.done_at,
                    "done_by": self.user(todo.who) if todo.done_at else None,
                    "outcome": todo.outcome,
                }
                for todo in self.history.todos
            ),
        )

    # --- tickets ---

    def tickets(self, progress: Progress) -> None:
        # Each part has tickets of nearly everybody: scores wait until all are there.
        records = [self._record(ticket) for ticket in self.history.tickets]
        for part in range(_PARTS):
            progress(0.2 + 0.34 * part / _PARTS, N_("Tickets of two years"))
            apply_tickets(self.session, records[part::_PARTS], source_title=SOURCE_TITLE)

    def _record(self, ticket: Made) -> TicketRecord:
        return TicketRecord(
            source_key=SOURCE,
            external_id=str(ticket.number),
            updated_at=ticket.updated_at,
            events=tuple(ticket.events),
            fields=TicketFields(
                external_url=f"{HELPDESK}{ticket.number}",
                subject=ticket.subject,
                topic=ticket.topic,
                kind=ticket.kind,
                channel=ticket.channel,
                assignee=ticket.assignee,
                team=ticket.team,
            ),
            account_id=self.accounts[ticket.company],
            contact_id=self.contact(ticket.contact),
        )

    def sources(self) -> None:
        now = self.book.now
        touch_source(
            self.session, SOURCE, title=SOURCE_TITLE, kind="tickets", synced_at=now - timedelta(minutes=4), live=True
        )
        touch_by_hand(self.session, max(talk.at for talk in self.history.talks))


def _rows(names: str, values: Iterable[tuple[object, ...]], **more: object) -> list[dict[str, object]]:
    return [{**dict(zip(names.split(), one, strict=True)), **more} for one in values]


_SPONSORED = ("corvin", "gothachemie", "ghso", "fenwick-airports")


def stages_of(company: Company) -> list[tuple[Stage, int]]:
    """Each stage the customer went through, and since how many days ago."""
    stages = [(Stage.ONBOARDING, company.since)]
    if company.course in ("late_onboarding", "new"):
        return stages
    stages.append((Stage.LIVE, company.since - LIVE_AFTER))
    if company.churned is not None:
        stages.append((Stage.CHURNED, company.churned))
    elif company.decides_in <= 90:
        stages.append((Stage.RENEWING, 90 - company.decides_in))
    return stages


def _own_values(company: Company, history: History) -> dict[str, tuple[str, float | None, date | None]]:
    rng = dice("own", company.key)
    language = "French" if company.language == "fr" else "German" if company.country in ("DE", "AT") else "English"
    cloud = "Cloud US" if company.country == "US" else "Cloud EU"
    deployment = "On premises" if company.tier is Tier.ENTERPRISE and rng.random() < 0.35 else cloud
    values: dict[str, tuple[str, float | None, date | None]] = {
        "contract_language": (language, None, None),
        "deployment": (deployment, None, None),
        "plants": (str(len(company.sites)), float(len(company.sites)), None),
    }
    if company.course == "late_onboarding":
        planned = history.book.workday(company.since - LIVE_AFTER - 10)
        values["go_live_planned"] = (planned.isoformat(), None, planned)
    return values


__all__ = ["HELPDESK", "Maker", "Progress", "stages_of"]
