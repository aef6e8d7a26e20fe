"""What other systems tell of the customers: usage by day, survey answers, invoices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crm.demo.cast import Cast, Someone
from crm.demo.companies import Company
from crm.demo.courses import Course, Curve, at
from crm.demo.when import Book, dice

DAYS = 260  # of usage
ACTIVE, ORDERS = "Active users", "Work orders"
_WEEK = (1.0, 1.02, 1.0, 0.98, 0.9, 0.16, 0.12)  # Monday first

# Share of the seats at work on a good day, against what is normal for this customer: from which day on.
_USE: dict[str, Curve] = {
    "halden": ((75, 1.0), (50, 0.92), (28, 0.84), (0, 0.7)),
    "brodeur": ((60, 1.0), (0, 0.93)),
    "excellent": ((240, 0.94), (0, 1.06)),
    "corvin": ((240, 0.9), (0, 1.08)),
    "recovered": ((150, 1.0), (120, 0.72), (90, 0.74), (60, 1.0), (0, 1.05)),
    "saved": ((260, 0.8), (180, 0.78), (110, 1.0), (0, 1.06)),
    "sliding": ((120, 1.0), (60, 0.94), (0, 0.82)),
    "sliding_light": ((90, 1.0), (0, 0.92)),
    "red": ((120, 1.0), (60, 0.86), (0, 0.7)),
    "red_light": ((80, 1.0), (0, 0.88)),
    "silent": ((120, 1.0), (0, 0.88)),
    "late_onboarding": ((140, 0.05), (60, 0.3), (0, 0.42)),
    "new": 0.2,
    "lost": ((260, 0.9), (160, 0.6), (60, 0.3), (0, 0.05)),
    "lost_quietly": ((400, 0.7), (300, 0.2), (0, 0.02)),
}

# Invoices that are not paid, days overdue: one each.
_LATE = {"halden": 12, "sorel": 41, "belvaux": 23, "costaverde": 16, "mistral-energies": 9, "pinecrest": 5}

# Answers that are told by hand: days ago, who, score, comment.
_ANSWERS: dict[str, tuple[tuple[int, str, int, str], ...]] = {
    "halden": (
        (208, "Ingrid Moe", 9, "My planners would not go back to paper."),
        (36, "Ingrid Moe", 6, "Good product, when it tells us that something broke. Lately it does not."),
        (35, "Solveig Dahl", 6, "I used to recommend you at every trade evening. Ask me again when the alarms work."),
    ),
    "corvin": (
        (61, "Katrin Albers", 10, "Audit preparation went from three weeks to four days."),
        (58, "Stefan Reuter", 9, "The paint shop was live in a week."),
        (57, "Lucía Varela", 9, ""),
    ),
    "kestrel-rail": (
        (88, "Gareth Pritchard", 9, "Best supplier meeting of my year, every time."),
        (85, "Amara Okoro", 8, ""),
    ),
    "brodeur": ((74, "Julien Marchand", 7, "Pratique à l’atelier, mais les réponses tardent."),),
}

_COMMENTS = {
    "en": {
        2: ("Does what it says, and somebody answers.", "Our shifts plan by it every day.", "Good people, good tool."),
        1: ("Fine. The reports could be simpler.", "Works; the app is slow on old phones."),
        0: ("Too many open tickets for too long.", "We wait days for an answer."),
    },
    "fr": {
        2: ("On gagne du temps tous les jours.", "Une équipe qui répond.", "Simple et solide."),
        1: ("Bien, mais les rapports sont compliqués.", "Utile ; l’application est lente."),
        0: ("Trop de tickets restent ouverts.", "On attend des jours une réponse."),
    },
}


@dataclass(frozen=True)
class Used:
    company: str
    metric: str
    day: date
    value: int


@dataclass(frozen=True)
class Answered:
    company: str
    who: Someone
    day: date
    score: int
    comment: str


@dataclass(frozen=True)
class Billed:
    company: str
    number: str
    due_on: date
    amount: int  # whole currency units
    paid_on: date | None


def usage(book: Book, company: Company, seed: int) -> Iterator[Used]:
    """Until yesterday: today is not over."""
    rng = dice(seed, "usage", company.key)
    use = _USE.get(company.course, 1.0)
    at_work = company.seats * rng.uniform(0.68, 0.84)
    orders = rng.uniform(2.2, 4.0)
    gone = company.churned or 0
    for ago in range(min(DAYS, company.since), gone, -1):
        day = book.day(ago)
        people = at_work * at(use, ago - gone) * _WEEK[day.weekday()] * rng.uniform(0.94, 1.06)
        active = min(round(people), company.seats)
        yield Used(company.key, ACTIVE, day, active)
        yield Used(company.key, ORDERS, day, round(people * orders * rng.uniform(0.9, 1.1)))


def answers(book: Book, company: Company, course: Course, cast: Cast, seed: int) -> Iterator[Answered]:
    if company.key in _ANSWERS:
        for ago, name, score, comment in _ANSWERS[company.key]:
            yield Answered(company.key, cast.named(name), book.day(ago), score, comment)
        return
    rng = dice(seed, "nps", company.key)
    words = _COMMENTS["fr" if company.language == "fr" else "en"]
    there = [one for one in cast.everybody if one.left is None and one.since > 200]
    for someone in there[: rng.randrange(4)]:
        ago = rng.randrange(25, 320)
        if ago <= (company.churned or 0) or not someone.writes(ago):
            continue
        score = min(10, max(0, round(at(course.happy, ago) / 10 + rng.uniform(-1.2, 1.4))))
        kind = 2 if score >= 9 else 1 if score >= 7 else 0
        comment = rng.choice(words[kind]) if rng.random() < 0.6 else ""
        yield Answered(company.key, someone, book.day(ago), score, comment)


def invoices(book: Book, company: Company, seed: int) -> Iterator[Billed]:
    """A quarter each, of two years; due 30 days after it was written."""
    rng = dice(seed, "invoices", company.key)
    late = _LATE.get(company.key)
    newest = late if late is not None else rng.randrange(-28, 60)
    for quarter in range(8):
        due_ago = newest + 91 * quarter
        if due_ago > company.since or due_ago < (company.churned or -90):
            continue
        due_on = book.day(due_ago)
        paid_ago = due_ago + rng.choice((9, 6, 4, 2, 1, 0, -1, -3))
        paid_on = book.day(paid_ago) if paid_ago >= 0 and not (quarter == 0 and late is not None) else None
        if paid_on is None and due_ago >= 0 and late is None:
            paid_on = book.today
        number = f"{due_on:%Y-%m}-{rng.randrange(1000):03}"
        yield Billed(company.key, number, due_on, round(company.arr / 4), paid_on)
