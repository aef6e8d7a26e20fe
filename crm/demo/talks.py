"""Two years of talks, mails and notes, and the tasks that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Channel, ContactRoleKind, Direction, Tier
from accounts.models.contact import KEY_ROLES
from crm.demo import courses, talks_en, talks_fr, words
from crm.demo.cast import Cast, Someone
from crm.demo.companies import Company
from crm.demo.courses import Course
from crm.demo.talks_en import Said
from crm.demo.tickets import contracted
from crm.demo.when import DAYS, Book, dice

HQ = ZoneInfo("Europe/Paris")
_KEY_ROLES = frozenset(kind.value for kind in KEY_ROLES)
_ASIDE_EVERY = {
    Tier.ENTERPRISE: 32.0,
    Tier.MID: 70.0,
    Tier.LOW_TOUCH: 170.0,
}  # days between what is no talk with a key person
_CADENCE = {Tier.ENTERPRISE: (8, 13), Tier.MID: (17, 27), Tier.LOW_TOUCH: (48, 80)}  # days between such talks


@dataclass
class Todo:
    """Something that was to be done; ``done_at`` is empty while it is not."""

    company: str
    who: str  # key of a colleague
    title: str
    due_on: date
    created_at: datetime
    done_at: datetime | None = None
    outcome: str = ""


@dataclass
class Talk:
    company: str
    author: str  # key of a colleague
    contact: Someone | None
    channel: Channel
    direction: Direction
    subject: str
    body: str
    at: datetime
    minutes: int | None = None
    mass: bool = False


class Diary:
    """What a relationship manager wrote down about one customer."""

    def __init__(self, book: Book, company: Company, course: Course, cast: Cast, seed: int) -> None:
        self.book = book
        self.company = company
        self.course = course
        self.cast = cast
        self.rng = dice(seed, "talks", company.key)
        self.talks: list[Talk] = []
        self.todos: list[Todo] = []
        self._ended = company.churned or 0
        self._texts = talks_fr if company.language == "fr" else talks_en
        self._deck = {key: [one for one in self._texts.SAID if is_key_talk(one) == key] for key in (True, False)}
        self._written: dict[str, int] = {}  # what a talk was about: days ago, last time

    def write(self) -> None:
        """Talks with those who decide at the pace that is owed, and what happens besides."""
        first = min(DAYS, self.company.since - 3)
        shortest, longest = _CADENCE[self.company.tier]
        overdue = int(self.course.overdue * self.company.tier.cadence_days)
        key_until = self._ended + max(self.course.key_talk_until, self.course.contact_until, overdue)
        days: list[tuple[int, bool]] = []
        ago = first - self.rng.uniform(0, shortest)
        while ago >= key_until:
            days.append((int(ago), True))
            pace = courses.at(self.course.talks, ago - self._ended)
            if pace <= 0:
                break
            ago -= self.rng.uniform(shortest, longest) / pace
        # The last one lies within the cadence, where nothing says otherwise.
        ago = first - self.rng.uniform(0, 20)
        while ago >= self._ended + self.course.contact_until and courses.at(self.course.talks, ago - self._ended) > 0:
            days.append((int(ago), False))
            ago -= self.rng.expovariate(1 / _ASIDE_EVERY[self.company.tier]) + 2
        for ago_, key in sorted(days, reverse=True):
            self._entry(ago_, key)

    def _entry(self, ago: int, key: bool) -> None:
        day = self.book.workday(ago)
        at = self._office_hour(day)
        if at > self.book.now:
            return
        mood = courses.at(self.course.mood, ago - self._ended)
        said = self._said(mood, key, ago)
        if said is None:
            return
        self._written[_about(said)] = ago
        someone = self._whom(said, ago)
        slots = self._slots(someone, ago)
        self.talks.append(
            Talk(
                self.company.key,
                self._author(ago),
                someone,
                said.channel,
                said.direction,
                contracted(said.subject.format_map(slots)),
                contracted(said.body.format_map(slots)),
                at,
                said.minutes and max(5, said.minutes + self.rng.randrange(-1, 2) * 5),
            )
        )
        if said.next is not None:
            self._todo(said.next, slots, at, day)

    def _said(self, mood: float, key: bool, ago: int) -> Said | None:
        """One that fits the mood and the person, and was not written on this page of the timeline already."""
        wanted = self.rng.choices(
            ("good", "plain", "bad"), (max(0.0, mood - 0.2) * 1.4, 0.55, max(0.0, 0.55 - mood) * 2.2)
        )[0]
        there = {"", *(kind.value for kind in ContactRoleKind if self.cast.who(kind, ago))}
        fitting = [one for one in self._deck[key] if one.whom in there]
        fresh = [one for one in fitting if self._written.get(_about(one), DAYS * 2) - ago > apart(one)]
        for pool, moods in (
            (fresh, (wanted,)),
            (fresh, ("plain", "bad" if mood < 0.4 else "good")),
            (fitting, (wanted, "plain")),
        ):
            if best := [one for one in pool if one.mood in moods]:
                unused = [one for one in best if _about(one) not in self._written]
                found: Said = (
                    self.rng.choice(unused) if unused else max(best, key=lambda one: self._written[_about(one)])
                )
                return found
        return None

    def _whom(self, said: Said, ago: int) -> Someone | None:
        return self.rng.choice(self.cast.who(ContactRoleKind(said.whom), ago)) if said.whom else None

    def _slots(self, someone: Someone | None, ago: int) -> dict[str, object]:
        french = self.company.language == "fr"
        users = self.cast.who(ContactRoleKind.USER, ago)
        champion = self.cast.who(ContactRoleKind.CHAMPION, ago) or self.cast.everybody
        assets = (words.ASSETS_FR if french else words.ASSETS_EN)[self.company.industry]
        return {
            "first": (someone or champion[0]).first,
            "user": self.rng.choice(users or self.cast.everybody).name,
            "site": self.rng.choice(self.company.sites),
            "asset": self.rng.choice(assets),
            "n": self.rng.randint(4, 14),
        }

    def _author(self, ago: int) -> str:
        return owner_at(self.company, ago)

    def _todo(self, following: tuple[str, int], slots: dict[str, object], at: datetime, day: date) -> None:
        title, days = following
        due_on = day + timedelta(days=days)
        due_on += timedelta(days=(7 - due_on.weekday()) % 7 if due_on.weekday() > 4 else 0)
        late = self.rng.choices((-2, -1, 0, 1, 4), (20, 25, 30, 15, 10))[0]
        done_on = max(day, due_on + timedelta(days=late))
        todo = Todo(self.company.key, self._author(0), title.format_map(slots), due_on, at)
        if done_on < self.book.today:
            todo.who = self._author(self.book.ago(day))
            todo.done_at = max(self._office_hour(done_on), at + timedelta(minutes=30))
            todo.outcome = self.rng.choice(self._texts.OUTCOMES).format_map(slots)
        elif self.company.churned is not None:
            return
        self.todos.append(todo)

    def upcoming(self) -> None:
        """What stands on the list now: mostly in time, sometimes not."""
        if self.company.churned is not None or any(todo.done_at is None for todo in self.todos):
            return
        pool = self._texts.OVERDUE if self.rng.random() < 0.12 else self._texts.UPCOMING
        if self.rng.random() < (0.3 if self.company.tier is Tier.LOW_TOUCH else 0.75):
            title, days = self.rng.choice(pool)
            due_on = self.book.next_workday(days + self.rng.randrange(3)) if days > 0 else self.book.workday(-days)
            slots = self._slots(None, 0)
            created = self._office_hour(self.book.workday(self.rng.randint(6, 12)))
            self.todos.append(Todo(self.company.key, self._author(0), title.format_map(slots), due_on, created))

    def _office_hour(self, day: date) -> datetime:
        hour = self.rng.choices((8, 9, 10, 11, 13, 14, 15, 16, 17), (6, 14, 17, 14, 8, 14, 13, 9, 5))[0]
        return datetime.combine(day, time(hour, self.rng.randrange(0, 60, 5)), HQ).astimezone(UTC)


def _about(said: Said) -> str:
    return said.subject or said.body


_YEARLY = (
    "Indexation",
    "Price indexation",
    "Budget round",
    "Budget",
    "User day",
    "Audit passed",
    "Audit réussi",
    "Reference call",
    "Témoignage",
)


def apart(said: Said) -> int:
    """Days that lie between two talks about the same."""
    if said.subject in _YEARLY:
        return 330
    if said.subject in ("Quarterly review", "Revue trimestrielle"):
        return 78
    return (
        150 if said.subject in ("Half-year talk", "Point semestriel", "Organisation", "Library", "Bibliothèque") else 70
    )


def is_key_talk(said: Said) -> bool:
    """Both sides take part, and the other one decides."""
    both = said.channel in (Channel.CALL, Channel.MEETING, Channel.IN_PERSON) or said.direction is Direction.BOTH
    return both and said.whom in _KEY_ROLES


def handed_over(company: Company) -> tuple[str, int, str] | None:
    """Who had the account before, until how many days ago, and why it changed hands."""
    rng = dice("owner", company.key)
    if company.since < 700 or rng.random() > 0.42:
        return None
    before = rng.choice(
        [key for key in ("ana.ruiz", "ben.adler", "claire.moreau", "david.okafor") if key != company.owner]
    )
    return before, rng.randint(300, 520), rng.choice(_REASONS)


_REASONS = (
    "Portfolios split by industry",
    "Language of the customer",
    "Elif joined; load shared anew",
    "Closer to the customer's time zone",
)


def owner_at(company: Company, ago: int) -> str:
    before = handed_over(company)
    return before[0] if before is not None and ago > before[1] else company.owner


def mass_mails(book: Book, companies: Sequence[Company], casts: dict[str, Cast]) -> list[Talk]:
    """The newsletter that goes out with each release: shown on timelines, and never counted as contact."""
    sent = []
    for ago in range(40, DAYS, 91):
        at = datetime.combine(book.workday(ago), time(10, 0), HQ).astimezone(UTC)
        for company in companies:
            if company.since <= ago or (company.churned or 0) >= ago or company.tier is Tier.LOW_TOUCH:
                continue
            readers = casts[company.key].who(ContactRoleKind.CHAMPION, ago)
            if not readers:
                continue
            french = company.language == "fr"
            sent.append(
                Talk(
                    company.key,
                    owner_at(company, ago),
                    readers[0],
                    Channel.EMAIL,
                    Direction.OUT,
                    "Les nouveautés de la version" if french else "What the new release brings",
                    "Lettre d’information envoyée à tous les clients." if french else "Newsletter to all customers.",
                    at,
                    mass=True,
                )
            )
    return sent
