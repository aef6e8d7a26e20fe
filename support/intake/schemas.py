"""What programs send and what they are answered. Ids are strings, instants carry a zone, unknown fields are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from accounts.models import Channel, Direction
from crm import clock
from crm.api.items import Item
from crm.text import N_, text
from support.models import EventKind, TicketKind

OWN_SOURCE = "tenure"  # tickets that were opened here
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
LONGEST_TEXT = 20_000


def _believable(value: datetime) -> datetime:
    try:
        at = value.astimezone(UTC)
    except OverflowError:
        raise ValueError(text(N_("this instant lies too far away"))) from None
    if at < _EARLIEST:
        raise ValueError(text(N_("this lies before 1980")))
    if at > max(clock.now(), clock.machine_now()) + timedelta(days=1):
        raise ValueError(text(N_("this lies in the future")))
    return at


def _not_ours(value: str) -> str:
    if value == OWN_SOURCE:
        raise ValueError(text(N_("“tenure” is the source of tickets opened here; choose another name")))
    return value


Instant = Annotated[AwareDatetime, AfterValidator(_believable)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Short = Annotated[str, StringConstraints(max_length=120)]
Line = Annotated[str, StringConstraints(max_length=300)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+$")]
Words = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Source = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$"),
    AfterValidator(_not_ours),
    Field(description=N_("Which system it comes from; ids are unique within it.")),
]
Priority = Literal["urgent", "high", "normal", "low"]
PRIORITIES: dict[str, int] = {"urgent": 1, "high": 2, "normal": 3, "low": 4}
Kind = Literal[
    "opened",
    "first_answered",
    "agent_reply",
    "customer_reply",
    "waiting",
    "working",
    "escalated",
    "reassigned",
    "priority",
    "breached",
    "acknowledged",
    "resolved",
    "reopened",
    "rated",
    "closed",
    "deleted",
]


class AccountIn(Item):
    """The first that is known counts, in this order."""

    external_id: Annotated[Short, Field(description=N_("The company's id in that system."))] = ""
    domain: Annotated[Short, Field(description=N_("The company's mail domain."))] = ""
    name: Annotated[Annotated[str, StringConstraints(max_length=200)], Field(description=N_("The company's name."))] = (
        ""
    )


class TicketAccountIn(AccountIn):
    create: Annotated[
        bool, Field(description=N_("Make an account of a company that nobody knows yet; it needs a name."))
    ] = False


class PersonIn(Item):
    external_id: Annotated[Short, Field(description=N_("The person's id in that system."))] = ""
    name: Annotated[str, StringConstraints(max_length=160)] = ""
    email: Email = ""


class _Happened(Item):
    """What happened to a ticket."""

    kind: Annotated[Kind, Field(description=N_("What happened."))]
    at: Annotated[Instant, Field(description=N_("When it happened."))]
    key: Annotated[
        Short, Field(description=N_("The event's id within its ticket; the kind and the instant where there is none."))
    ] = ""
    value: Annotated[
        float | None,
        Field(
            ge=0,
            le=100,
            description=N_("rated: 0 to 100. first_answered, resolved: 1 within the target, 0 missed."),
        ),
    ] = None
    priority: Annotated[Priority | None, Field(description=N_("opened, priority: how urgent it is from then on."))] = (
        None
    )
    text: Annotated[Words, Field(description=N_("What was written."))] = ""
    actor: Annotated[Short, Field(description=N_("Who did it."))] = ""
    to: Annotated[Short, Field(description=N_("reassigned, escalated: to whom."))] = ""
    seq: Annotated[int, Field(ge=0, le=2**53, description=N_("The order among events of one instant."))] = 0

    @model_validator(mode="after")
    def _whole(self) -> _Happened:
        if self.kind == "rated" and self.value is None:
            raise ValueError(text(N_("a rating needs its value, 0 to 100")))
        if self.kind == "priority" and self.priority is None:
            raise ValueError(text(N_("a change of priority needs the priority")))
        if self.kind in ("first_answered", "resolved", "breached") and self.value not in (None, 0, 1):
            raise ValueError(text(N_("the value is a verdict, 0 or 1")))
        return self


class TicketEventIn(_Happened):
    """An event of the ticket that it is sent with."""


class EventIn(_Happened):
    """An event of a ticket that is already known."""

    source: Source = "api"
    ticket_id: Annotated[ExternalId, Field(description=N_("The ticket's id in that system."))]


class TicketIn(Item):
    """A ticket in one version; the newest wins, whatever the order of arrival."""

    source: Source = "api"
    id: Annotated[ExternalId, Field(description=N_("The ticket's id in that system."))]
    updated_at: Annotated[Instant, Field(description=N_("The version: the newest wins, whatever arrives last."))]
    subject: Line = ""
    topic: Annotated[Short, Field(description=N_("What it is about, for repeat contacts."))] = ""
    kind: TicketKind = TicketKind.OTHER
    priority: Annotated[Priority, Field(description=N_("How urgent it was when it was opened."))] = "normal"
    channel: Annotated[
        Annotated[str, StringConstraints(max_length=40)], Field(description=N_("phone, email, web, chat, …"))
    ] = ""
    assignee: Short = ""
    team: Short = ""
    url: Annotated[
        Annotated[str, StringConstraints(max_length=500, pattern=r"^$|^https?://\S+$")],
        Field(description=N_("Where it is opened in that system.")),
    ] = ""
    account: TicketAccountIn = TicketAccountIn()
    requester: PersonIn = PersonIn()
    complete: Annotated[
        bool, Field(description=N_("These are all its events; else they are added to those already known."))
    ] = True
    events: Annotated[
        list[TicketEventIn],
        Field(max_length=1_000, description=N_("What happened; or say opened_at and the other instants instead.")),
    ] = []  # noqa: RUF012 - pydantic copies it
    opened_at: Annotated[Instant | None, Field(description=N_("Instead of events: when it was opened."))] = None
    first_answered_at: Annotated[
        Instant | None, Field(description=N_("Instead of events: when it was first answered."))
    ] = None
    resolved_at: Annotated[Instant | None, Field(description=N_("Instead of events: when it was resolved."))] = None
    text: Annotated[Words, Field(description=N_("Instead of events: what the customer wrote."))] = ""

    @model_validator(mode="after")
    def _has_an_opening(self) -> TicketIn:
        instants = (self.opened_at, self.first_answered_at, self.resolved_at)
        if self.events and (any(instants) or self.text):
            raise ValueError(text(N_("give events, or instants and text, not both")))
        if not self.events and self.opened_at is None:
            raise ValueError(text(N_("a ticket needs events, or at least opened_at")))
        if not self.events:
            for later in (self.first_answered_at, self.resolved_at):
                if later is not None and self.opened_at is not None and later < self.opened_at:
                    raise ValueError(text(N_("a ticket is answered and resolved after it was opened")))
        return self


class InteractionIn(Item):
    """Something that was said or written between the customer and us."""

    source: Source = "api"
    id: Annotated[ExternalId, Field(description=N_("Its id in that system; the same comes once."))]
    channel: Annotated[Literal["call", "meeting", "email", "chat", "letter", "social", "in_person"], Field()]
    direction: Annotated[
        Literal["in", "out", "both"], Field(description=N_("in: they reached us; out: we reached them; both."))
    ] = "in"
    happened_at: Instant
    subject: Line = ""
    text: Words = ""
    duration_minutes: Annotated[int | None, Field(ge=0, le=1_440)] = None
    contact_email: Annotated[Email, Field(description=N_("With whom; a known address says whose it is."))] = ""
    contact_name: Annotated[str, StringConstraints(max_length=160)] = ""
    account: AccountIn = AccountIn()
    automatic: Annotated[
        bool, Field(description=N_("An answer of a machine, such as an absence: it never counts as a talk."))
    ] = False
    mass: Annotated[bool, Field(description=N_("A mailing to many: it never counts as a talk."))] = False
    make_ticket: Annotated[
        bool | None,
        Field(description=N_("Open a ticket of it, given to the account's owner; social messages to us become one.")),
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> InteractionIn:
        if not self.subject and not self.text:
            raise ValueError(text(N_("give a subject or a text")))
        return self

    @property
    def becomes_ticket(self) -> bool:
        if self.direction == "out" or self.automatic or self.mass:
            return False
        return self.make_ticket if self.make_ticket is not None else self.channel == "social"

    @property
    def spoken(self) -> tuple[Channel, Direction]:
        return Channel(self.channel), Direction(self.direction)


# --- answers ---------------------------------------------------------------------------------------------------------


class ItemAnswer(BaseModel):
    """What became of one item, for ``?partial=true``."""

    index: int
    id: str
    taken: bool
    field: str = ""
    value: str = ""
    reason: str = ""


class TicketsAnswer(BaseModel):
    new: int
    updated: int
    unchanged: int
    unmatched: int
    refused: int = 0
    items: list[ItemAnswer] = []


class InteractionsAnswer(BaseModel):
    new: int
    unchanged: int
    tickets: list[str]  # ids of tickets that were opened
    refused: int = 0
    items: list[ItemAnswer] = []


class TicketAnswer(BaseModel):
    """A ticket as it stands."""

    source: str
    id: str
    account_id: str | None
    waits_because: str | None
    subject: str
    state: Literal["open", "waiting", "resolved", "closed", "deleted"] | None
    priority: Priority | None
    opened_at: datetime
    resolved_at: datetime | None
    due_at: datetime | None
    updated_at: datetime


KINDS = {kind.value: kind for kind in EventKind}
