"""Writes the history of one customer by hand. Times are days before today and hours where the customer is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Channel, ContactRoleKind, Direction
from crm.demo import words
from crm.demo.cast import Cast
from crm.demo.companies import Company
from crm.demo.talks import Talk, Todo
from crm.demo.tickets import Made
from crm.demo.when import Book
from support.models import EventKind, TicketKind

IN, OUT, BOTH, NONE = Direction.IN, Direction.OUT, Direction.BOTH, Direction.NONE


@dataclass
class Pen:
    """One customer, and what is told of it."""

    book: Book
    company: Company
    cast: Cast
    tickets: list[Made] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    todos: list[Todo] = field(default_factory=list)

    @property
    def zone(self) -> str:
        return words.ZONES.get(self.company.country, "Europe/Paris")

    def at(self, ago: int, written: str) -> datetime:
        return self.book.moment(ago, written, self.zone)

    def office(self, ago: int, written: str) -> datetime:
        """As ``at``, on the working day before where the day is none."""
        return self.book.moment(self.book.ago(self.book.workday(ago)), written, self.zone)

    def ticket(
        self,
        at: datetime,
        who: str,
        kind: TicketKind,
        priority: int,
        topic: str,
        subject: str,
        text: str,
        mark: str = "",
        channel: str = "web",
    ) -> Made:
        made = Made(self.company.key, self.cast.named(who), at, subject, topic, kind, priority, channel, mark=mark)
        made.tell(EventKind.OPENED, at, float(priority), actor=who, text=text)
        self.tickets.append(made)
        return made

    def talk(
        self,
        ago: int,
        written: str,
        channel: Channel,
        direction: Direction,
        who: str | None,
        subject: str,
        body: str,
        minutes: int | None = None,
        author: str | None = None,
    ) -> None:
        someone = self.cast.named(who) if who else None
        at = self.office(ago, written)
        self.talks.append(
            Talk(
                self.company.key, author or self.company.owner, someone, channel, direction, subject, body, at, minutes
            )
        )

    def todo(self, title: str, ahead: int, written: int = 3, who: str | None = None, friday: bool = False) -> None:
        """``ahead``: due in so many days, before today where negative; ``written`` so many days ago."""
        if friday:
            due_on = self.book.friday(ahead)
        else:
            due_on = self.book.next_workday(ahead) if ahead >= 0 else self.book.workday(-ahead)
        created = min(self.office(written, "16:40"), self.book.moment(self.book.ago(due_on), "08:10"))
        self.todos.append(Todo(self.company.key, who or self.company.owner, title, due_on, created))

    def key(self) -> tuple[str, str]:
        """Sponsor and champion of the customer, by name."""
        return self.who(ContactRoleKind.SPONSOR), self.who(ContactRoleKind.CHAMPION)

    def who(self, role: ContactRoleKind) -> str:
        return self.cast.who(role, 0)[0].name
