"""Two years of tickets: when each was opened, what it was about, and what happened to it until now."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from types import ModuleType

from accounts.models import ContactRoleKind, Tier
from crm.demo import courses, matters_en, matters_fr, people, words
from crm.demo.cast import Cast, Someone
from crm.demo.companies import Company
from crm.demo.courses import Course
from crm.demo.matters import Matter
from crm.demo.when import DAYS, WEEKDAYS, Book, busy_moment, dice, poisson, season
from crm.hours.calendar import HOUR, add_working_seconds, working_seconds
from support.clocks import Policy, Target
from support.models import EventKind, TicketKind
from support.records import EventRecord

SOURCE, SOURCE_TITLE = "zendesk", "Zendesk"
A_MONTH = {Tier.ENTERPRISE: 5.2, Tier.MID: 2.6, Tier.LOW_TOUCH: 0.75}
_APART = 24  # tickets of one customer between two about the same matter
_CLOSES_AFTER = timedelta(days=4)
_WEEKDAYS_A_MONTH = 21.75 * 1.04

D, Q, R, C = TicketKind.DEFECT, TicketKind.QUESTION, TicketKind.REQUEST, TicketKind.COMPLAINT
E = EventKind


@dataclass
class Draft:
    """A ticket before it has a subject: those are dealt out over all customers in the order of time."""

    company: Company
    opened_at: datetime
    ago: int
    contact: Someone
    kind: TicketKind
    priority: int
    rng: Random
    mobile: bool = False
    again: bool = False
    luck: float = 0.0  # −1 to 1: no two customers are served quite alike


@dataclass
class Made:
    """A ticket with its history; the number comes when all are in order."""

    company: str
    contact: Someone
    opened_at: datetime
    subject: str
    topic: str
    kind: TicketKind
    priority: int
    channel: str
    assignee: str = ""
    team: str = people.FIRST_LINE
    events: list[EventRecord] = field(default_factory=list)
    number: int = 0
    mark: str = ""  # how a story calls it

    def tell(self, kind: EventKind, at: datetime, value: float | None = None, **data: str) -> None:
        self.events.append(EventRecord(kind, f"{len(self.events) + 1}", at, value, data, seq=len(self.events)))

    def hand_on(self, at: datetime, before: str, after: str, team: str) -> None:
        self.events.append(
            EventRecord(
                EventKind.REASSIGNED,
                f"{len(self.events) + 1}",
                at,
                None,
                {"actor": before, "from": before, "to": after},
                seq=len(self.events),
            )
        )
        self.assignee, self.team = after, team

    def cut(self, now: datetime) -> None:
        """What lies ahead has not happened."""
        self.events = [event for event in self.events if event.happened_at <= now]

    @property
    def updated_at(self) -> datetime:
        return max(event.happened_at for event in self.events)


def draw(book: Book, company: Company, course: Course, cast: Cast, seed: int) -> list[Draft]:
    """When ``company`` wrote, and how pressing it was."""
    rng = dice(seed, "tickets", company.key)
    zone = words.ZONES.get(company.country, "Europe/Paris")
    size = rng.uniform(0.85, 1.2)
    luck = rng.uniform(-1, 1)
    ended = company.churned or 0
    drafts = []
    for ago in range(min(DAYS, company.since - 12), ended - 1, -1):
        age = ago - ended  # of a customer who left, counted from that day
        if age < course.ticket_until:
            break
        day = book.day(ago)
        young = 1.6 if company.since - ago < 120 else 1.0  # the first months bring more questions
        hurry = courses.at(course.mobile, age) > 0  # a wave after a release knows no holidays
        share = WEEKDAYS[day.weekday()] if hurry else season(day)
        mean = A_MONTH[company.tier] / _WEEKDAYS_A_MONTH * size * share * courses.at(course.volume, age) * young
        for _ in range(poisson(rng, mean)):
            opened_at = busy_moment(rng, day, zone)
            draft = _draft(company, course, cast, rng, opened_at, ago, age)
            draft.luck = luck
            if opened_at < book.now - timedelta(minutes=20):
                drafts.append(draft)
    return drafts


def _draft(company: Company, course: Course, cast: Cast, rng: Random, opened_at: datetime, ago: int, age: int) -> Draft:
    mobile = rng.random() < courses.at(course.mobile, age)
    chance = rng.random()
    complaints = courses.at(course.complaints, age)
    defects = courses.at(course.defects, age)
    if mobile or chance < defects:
        kind = D
    elif chance < defects + complaints:
        kind = C
    else:
        kind = Q if rng.random() < 0.62 else R
    if rng.random() < courses.at(course.urgent, age) and kind is D and ago > 25:
        priority = 1
    elif kind is C:
        priority = 2
    else:
        priority = rng.choices((2, 3, 4), {D: (26, 62, 12), Q: (6, 62, 32), R: (4, 48, 48)}[kind])[0]
    users = cast.who(ContactRoleKind.USER, ago)
    others = cast.who(ContactRoleKind.CHAMPION, ago) + cast.who(ContactRoleKind.TECHNICAL, ago)
    others = [one for one in others if one.writes(ago)]
    someone = (
        rng.choice(users) if users and (rng.random() < 0.75 or not others) else rng.choice(others or cast.everybody)
    )
    again = rng.random() < courses.at(course.again, age)
    return Draft(company, opened_at, ago, someone, kind, priority, dice(rng.getrandbits(64)), mobile, again)


class Teller:
    """Deals subjects out in the order of time, so that no list shows the same one twice, and tells each history."""

    def __init__(self, book: Book, course_of: dict[str, Course], casts: dict[str, Cast], policy: Policy, seed: int):
        self.book = book
        self.course_of = course_of
        self.casts = casts
        self.policy = policy
        self.rng = dice(seed, "matters")
        self._decks = {
            (language, kind): deque(self._shuffled([one for one in pool.MATTERS if one.kind is kind]))
            for language, pool in (("en", matters_en), ("fr", matters_fr))
            for kind in (D, Q, R, C)
        }
        self._subjects: deque[str] = deque(maxlen=90)
        self._own: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=30))
        self._lately: dict[str, deque[tuple[str, datetime, str]]] = {}  # company: topic, resolved at, subject's pattern

    def tell(self, draft: Draft) -> Made:
        matter = self._matter(draft)
        slots = _Slots(draft, self.casts[draft.company.key], self.book)
        subject = slots.into(matter.subject)
        for _ in range(6):  # other words for what was written just before, or another matter
            if subject not in self._subjects and subject not in self._own[draft.company.key]:
                break
            matter = matter if "{" in matter.subject else self._matter(draft)
            slots = _Slots(draft, self.casts[draft.company.key], self.book)
            subject = slots.into(matter.subject)
        ticket = Made(
            draft.company.key,
            draft.contact,
            draft.opened_at,
            subject,
            matter.topic,
            matter.kind,
            draft.priority,
            draft.rng.choices(("email", "web", "phone", "chat"), (46, 34, 12, 8))[0],
        )
        ended = draft.company.churned or 0
        resolved_at = _history(ticket, draft, matter, slots, self.course_of[draft.company.key], self.policy, ended)
        ticket.cut(self.book.now)
        self._lately.setdefault(draft.company.key, deque(maxlen=50)).append((matter.topic, resolved_at, matter.subject))
        self._subjects.append(ticket.subject)
        self._own[draft.company.key].append(ticket.subject)
        return ticket

    def _shuffled(self, matters: list[Matter]) -> list[Matter]:
        self.rng.shuffle(matters)
        return matters

    def _matter(self, draft: Draft) -> Matter:
        """The one not used for longest that the customer has not just written about; asked ``again``: the opposite."""
        deck = self._decks[draft.company.language, draft.kind]
        lately = self._lately.get(draft.company.key, ())
        recent = {topic for topic, resolved_at, _ in lately if draft.opened_at - resolved_at < timedelta(days=15)}
        used = {pattern: place for place, (_, _, pattern) in enumerate(lately)}

        lately_used = len(lately) - _APART

        def fit(place: int) -> tuple[bool, int, bool, int]:
            matter = deck[place]
            last = used.get(matter.subject, -1)
            return (
                draft.mobile and matter.topic != "Mobile app",
                last if draft.mobile else int(last >= max(lately_used, 0)),
                not draft.mobile and (matter.topic in recent) != draft.again,
                place,
            )

        best = min(range(len(deck)), key=fit)
        matter = deck[best]
        del deck[best]
        # Not to the very end: the order of the next round differs a little.
        deck.insert(len(deck) - self.rng.randrange(max(1, len(deck) // 4)), matter)
        return matter


def contracted(sentence: str) -> str:
    """French: « de le four » is « du four »."""
    for apart, together in ((" de le ", " du "), (" de les ", " des "), (" à le ", " au "), (" à les ", " aux ")):
        sentence = sentence.replace(apart, together)
    return sentence


class _Slots(dict[str, object]):
    """What the braces of a matter's sentences mean for this customer; the same within one ticket."""

    def __init__(self, draft: Draft, cast: Cast, book: Book) -> None:
        super().__init__()
        rng, company = draft.rng, draft.company
        french = company.language == "fr"
        assets = (words.ASSETS_FR if french else words.ASSETS_EN)[company.industry]
        day = book.day(draft.ago)
        n = rng.randint(3, 9)
        users = [one for one in cast.everybody if one.since >= draft.ago and (one.left is None or one.left < draft.ago)]
        months = words.MONTHS_FR if french else words.MONTHS_EN
        quarter = (day.month - 1) // 3 + 1
        following = quarter % 4 + 1
        self.update(
            asset=rng.choice(assets),
            site=rng.choice(company.sites),
            wo=f"WO-{20_000 + (DAYS - draft.ago) * 37 + rng.randrange(37)}",
            n=n,
            m=n + rng.randint(1, 5),
            part=rng.choice(words.PARTS_FR if french else words.PARTS),
            erp=company.erp,
            month=months[(day.month - 2) % 12],
            release=f"{day.year - 2019 + (quarter == 4)}.{following}",
            inv=f"F{day.year}-{rng.randint(1100, 9800)}",
            pct=rng.randint(58, 84),
            user=(rng.choice(users) if users else draft.contact).name,
            device=f"T-{rng.randint(100, 999)}",
        )
        self._french = french

    def into(self, sentence: str) -> str:
        """``sentence`` with its braces filled, beginning with a capital."""
        filled = sentence.format_map(self)
        if self._french:
            filled = contracted(filled)
        return filled[:1].upper() + filled[1:]


def _say(rng: Random, slots: _Slots, sentences: Sequence[str]) -> str:
    return slots.into(rng.choice(sentences))


def _history(
    ticket: Made, draft: Draft, matter: Matter, slots: _Slots, course: Course, policy: Policy, ended: int
) -> datetime:
    """Tell what happened, in the course's manner, as if nothing were cut off by now; when it was resolved for good."""
    rng, french = draft.rng, draft.company.language == "fr"
    texts: ModuleType = matters_fr if french else matters_en
    about = 0 if ticket.kind in (D, C) else 1
    say = partial(_say, rng, slots)
    age = draft.ago - ended
    on_time = courses.at(course.on_time, age) + 0.06 * draft.luck
    agent = rng.choice(people.AGENTS_FR if french else people.AGENTS)
    customer = ticket.contact.name
    ticket.assignee = agent
    ticket.tell(E.OPENED, ticket.opened_at, float(ticket.priority), actor=customer, text=slots.into(matter.opening))

    answer, resolution = policy.first_answer[ticket.priority], policy.resolution[ticket.priority]
    answered = _share(rng, on_time + (1 - on_time) * 0.3) * answer.seconds
    answered_at = add_working_seconds(ticket.opened_at, int(answered), answer.calendar)
    ticket.tell(E.FIRST_ANSWERED, answered_at, actor=agent, text=slots.into(matter.answer))
    if ticket.kind is C:
        ticket.tell(E.ACKNOWLEDGED, answered_at + timedelta(seconds=30), actor=agent)

    work = _share(rng, on_time) * resolution.seconds
    clock = _Clock(answered_at, resolution)
    left = max(work - clock.used_since(ticket.opened_at), 0.08 * resolution.seconds)
    steps = rng.choices((0, 1, 2, 3), (40, 34, 18, 8))[0] + (work > resolution.seconds)
    escalates = rng.random() < courses.at(course.escalated, age) * (2.5 if ticket.kind is D else 1.0)
    urged = False
    for _ in range(steps):
        clock.work(left / (steps + 1))
        if rng.random() < 0.45:
            ticket.tell(E.WAITING, clock.at, actor=agent, text=say(texts.AGENT_ASKS[about]))
            clock.wait(rng.uniform(1.5, 20) * HOUR)
            ticket.tell(E.CUSTOMER_REPLY, clock.at, actor=customer, text=say(texts.CUSTOMER_MORE[about]))
        elif work > resolution.seconds and not urged:
            urged = True
            ticket.tell(E.CUSTOMER_REPLY, clock.at, actor=customer, text=say(texts.CUSTOMER_URGES))
        else:
            ticket.tell(E.AGENT_REPLY, clock.at, actor=agent, text=say(texts.AGENT_MORE[about]))
        if escalates:
            escalates = False
            agent = _escalate(ticket, clock, rng, agent)
    clock.work(left / (steps + 1))
    if escalates:
        agent = _escalate(ticket, clock, rng, agent)
    clock.into_hours(rng)
    ticket.tell(E.RESOLVED, clock.at, actor=agent, text=slots.into(matter.fix))

    if rng.random() < courses.at(course.reopened, age):
        clock.wait(rng.uniform(2, 22) * HOUR)
        ticket.tell(E.REOPENED, clock.at, actor=customer, text=say(texts.CUSTOMER_REOPENS))
        clock.work(rng.uniform(0.05, 0.3) * resolution.seconds)
        ticket.tell(E.AGENT_REPLY, clock.at, actor=agent, text=say(texts.AGENT_MORE[about]))
        clock.work(rng.uniform(0.1, 0.5) * resolution.seconds)
        ticket.tell(E.RESOLVED, clock.at, actor=agent, text=slots.into(matter.fix))
    resolved_at = clock.at
    if rng.random() < 0.38:
        rating = _rating(rng, courses.at(course.happy, age) + 4 * draft.luck)
        said = rng.choice(texts.PRAISE if rating >= 75 else texts.GRUMBLE)
        clock.wait(rng.uniform(0.3, 10) * HOUR)
        ticket.tell(E.RATED, clock.at, rating, actor=customer, **({"text": said} if said else {}))
    ticket.tell(E.CLOSED, max(resolved_at + _CLOSES_AFTER, clock.at), actor=people.SYSTEM)
    _answer_replies(ticket, rng, on_time, policy, texts.AGENT_MORE[about])
    return resolved_at


def _answer_replies(ticket: Made, rng: Random, on_time: float, policy: Policy, sentences: Sequence[str]) -> None:
    """What the customer wrote in between gets an answer, where nothing else happened before it came."""
    target = policy.next_answer[ticket.priority]
    for event, following in pairwise(list(ticket.events)):
        if event.kind is not E.CUSTOMER_REPLY:
            continue
        after = max(60, int(_share(rng, on_time) * target.seconds))
        at = add_working_seconds(event.happened_at, after, target.calendar)
        if at < following.happened_at:
            ticket.tell(E.AGENT_REPLY, at, actor=ticket.assignee, text=rng.choice(sentences))
    ticket.events.sort(key=lambda event: (event.happened_at, event.seq))
    ticket.events = [event._replace(key=f"{place + 1}", seq=place) for place, event in enumerate(ticket.events)]


def _escalate(ticket: Made, clock: _Clock, rng: Random, agent: str) -> str:
    expert = rng.choice(people.EXPERTS)
    team = people.INTEGRATIONS if ticket.topic in ("ERP interface", "API") else people.PRODUCT_SUPPORT
    ticket.tell(E.ESCALATED, clock.at, actor=agent, to=team)
    ticket.hand_on(clock.at, agent, expert, team)
    return expert


class _Clock:
    """Goes forward in business hours."""

    def __init__(self, at: datetime, target: Target) -> None:
        self.at = at
        self._target = target

    def used_since(self, start: datetime) -> float:
        return working_seconds(start, self.at, self._target.calendar)

    def work(self, seconds: float) -> None:
        self.at = add_working_seconds(self.at, max(60, int(seconds)), self._target.calendar)

    def wait(self, seconds: float) -> None:
        self.work(seconds)

    def into_hours(self, rng: Random) -> None:
        self.at += timedelta(seconds=rng.randrange(50))


def _share(rng: Random, on_time: float) -> float:
    """Of the target's time: below 1 with the chance ``on_time``."""
    if rng.random() < on_time:
        return rng.triangular(0.04, 0.95, 0.35)
    return rng.triangular(1.05, 2.6, 1.2)


def _rating(rng: Random, happy: float) -> float:
    """One of 0, 25, 50, 75, 100, around ``happy``."""
    return min(100.0, max(0.0, 25.0 * round(rng.gauss(happy, 18) / 25)))


def in_order(drafts: Sequence[Draft], teller: Teller) -> Iterator[Made]:
    for draft in sorted(drafts, key=lambda one: (one.opened_at, one.company.key)):
        yield teller.tell(draft)


def number(tickets: list[Made], wanted: dict[str, int]) -> None:
    """Numbers in the order of opening, such that the tickets that a story calls so get theirs.

    A helpdesk also numbers what never became a ticket, so a number may be left out.
    """
    tickets.sort(key=lambda ticket: (ticket.opened_at, ticket.company, ticket.subject))
    first = next(place for place, ticket in enumerate(tickets) if ticket.mark in wanted)
    following = wanted[tickets[first].mark] - first
    for ticket in tickets:
        ticket.number = wanted.get(ticket.mark, following)
        following = ticket.number + 1


__all__ = ["Draft", "Made", "Teller", "draw", "in_order", "number"]
