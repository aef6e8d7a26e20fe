"""Everything that the demo tells, put together; no database yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm.clock import company_zone
from crm.demo import courses, signals, stories
from crm.demo.cast import Cast, make_casts
from crm.demo.companies import COMPANIES
from crm.demo.money import Money, deal
from crm.demo.signals import Answered, Billed, Used
from crm.demo.talks import Diary, Talk, Todo, mass_mails
from crm.demo.tickets import Made, Teller, draw, in_order, number
from crm.demo.when import Book
from support.clocks import default_policy


@dataclass(frozen=True)
class History:
    book: Book
    casts: dict[str, Cast]
    tickets: list[Made]
    talks: list[Talk]
    todos: list[Todo]
    money: dict[str, Money]
    usage: list[Used]
    answers: list[Answered]
    invoices: list[Billed]


def imagine(now: datetime, seed: int) -> History:
    """The same ``now`` and ``seed`` give the same history."""
    book = Book.at(now)
    casts = make_casts(seed)
    course_of = {company.key: courses.COURSES[company.course] for company in COMPANIES}
    drafts = [
        draft
        for company in COMPANIES
        for draft in draw(book, company, course_of[company.key], casts[company.key], seed)
    ]
    tickets = list(in_order(drafts, Teller(book, course_of, casts, default_policy(company_zone().key), seed)))
    told = stories.tell_all(book, casts, tickets)
    tickets += [ticket for pen in told for ticket in pen.tickets]
    number(tickets, stories.NUMBERS)

    talks, todos = mass_mails(book, COMPANIES, casts), []
    talks += [talk for pen in told for talk in pen.talks]
    todos += [todo for pen in told for todo in pen.todos]
    with_todos = {todo.company for todo in todos}
    for company in COMPANIES:
        diary = Diary(book, company, course_of[company.key], casts[company.key], seed)
        if company.course != "new":
            diary.write()
        if company.key in with_todos:
            diary.todos = [todo for todo in diary.todos if todo.done_at is not None]
        else:
            diary.upcoming()
        talks += diary.talks
        todos += diary.todos
    talks.sort(key=lambda talk: (talk.at, talk.company))
    return History(
        book,
        casts,
        tickets,
        talks,
        todos,
        {company.key: deal(book, company, seed) for company in COMPANIES},
        [used for company in COMPANIES for used in signals.usage(book, company, seed)],
        [
            answer
            for company in COMPANIES
            for answer in signals.answers(book, company, course_of[company.key], casts[company.key], seed)
        ],
        [bill for company in COMPANIES for bill in signals.invoices(book, company, seed)],
    )
