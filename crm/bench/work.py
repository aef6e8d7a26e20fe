"""The daily life of a made-up book: people at the customers, talks, tickets, tasks, pulses, risks, tags, goals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, String, case, cast, literal, null, true

from accounts.goals.models import Goal
from accounts.models import Contact, ContactAccount, Interaction, Task
from accounts.models.contact import ContactRole, ContactRoleKind
from accounts.models.interaction import Channel, Direction
from accounts.models.tag import AccountTag, Tag
from accounts.plays.models import Anchor, Play, PlayRole, PlayRun, PlayStep, Trigger
from accounts.pulse.models import JUDGED_AFTER_DAYS, Pulse, PulseColour
from accounts.risks.models import Risk, RiskReason
from accounts.views.models import SavedView
from crm.bench.book import MANAGER, Facts, row_id
from crm.bench.making import Maker, numbers, pick
from crm.db import table_of
from support.models import Ticket
from support.models.span import TicketSpan
from support.models.ticket import TicketState
from support.models.unmatched import UnmatchedTicket

CONTACTS, TALKS, TICKETS = 2, 4, 3  # of each account
_DAY_S = 86_400
_SUBJECTS = ("Export fails", "Login is slow", "Invoice is wrong", "Report shows old figures", "Scanner loses pairing")


def make_work(make: Maker) -> None:
    _make_contacts(make)
    _make_talks(make)
    _make_tickets(make)
    _make_tasks(make)
    _make_pulses(make)
    _make_matters(make)
    if make.first == 0:
        _make_shared(make)
    _make_runs(make)


def _each(make: Maker, rows: int) -> tuple[FromClause, Any, Any]:
    a, times = make.accounts(), numbers("times", 0, rows)
    return a.join(times, true()), a.c.n, times.c.n


def _make_contacts(make: Maker) -> None:
    source, n, k = _each(make, CONTACTS)
    name = make.word(make.die(1, 29, n, k)) + " " + make.word(make.die(4, 29, n, k))
    key = row_id(n, k)
    make.insert(
        Contact,
        {"id": key, "name": name, "name_folded": name, "email": "c" + cast(key, String) + "@x.example"},
        source,
    )
    make.insert(
        ContactAccount,
        {"id": key, "contact_id": key, "account_id": row_id(n), "position": "Head of something"},
        source,
    )
    make.insert(
        ContactRole,
        {
            "id": key,
            "account_id": row_id(n),
            "contact_id": key,
            "role": pick(make.die(2, 2, n, k), [ContactRoleKind.SPONSOR, ContactRoleKind.CHAMPION], _role()),
            "from_on": make.day(-400),
        },
        source,
        k == 0,
    )


def _role() -> Any:
    return table_of(ContactRole).c.role


def _make_talks(make: Maker) -> None:
    source, n, k = _each(make, TALKS)
    table = table_of(Interaction).c
    ago_s = make.die(3, 120 * _DAY_S, n, k) + k * 10
    make.insert(
        Interaction,
        {
            "id": row_id(n, k),
            "account_id": row_id(n),
            "contact_id": row_id(n),
            "channel": pick(make.die(5, 3, n, k), [Channel.CALL, Channel.EMAIL, Channel.MEETING], table.channel),
            "direction": Direction.BOTH,
            "two_way": make.die(6, 2, n, k) == 0,
            "subject": "Catching up",
            "body": "What they said about the figures of the month.",
            "happened_at": make.at(-ago_s, table.happened_at),
            "known_at": make.at(-ago_s, table.known_at),
        },
        source,
    )


def _make_tickets(make: Maker) -> None:
    source, n, k = _each(make, TICKETS)
    t = table_of(Ticket).c
    opened_s = make.die(2, 600 * _DAY_S, n, k) + _DAY_S  # seconds ago
    is_open = make.die(4, 12, n, k) == 0
    opened = make.at(-opened_s, t.opened_at)
    solved = make.at(-opened_s + 20_000, t.opened_at)
    key = row_id(n, k)
    same: dict[str, Any] = {
        "account_id": row_id(n),
        "priority": make.die(5, 4, n, k) + 1,
        "opened_at": opened,
        "first_answered_at": make.at(-opened_s + 3_600, t.opened_at),
        "first_answer_met": literal(True),
        "first_answer_s": literal(3_600),
    }
    make.insert(
        Ticket,
        {
            **same,
            "id": key,
            "contact_id": row_id(n),
            "source_key": "bench",
            "external_id": cast(key, String),
            "subject": pick(make.die(6, len(_SUBJECTS), n, k), list(_SUBJECTS), t.subject),
            "state": _either(is_open, TicketState.OPEN, TicketState.RESOLVED, t.state),
            "resolved_at": _unless(is_open, solved),
            "due_at": _unless(~is_open, make.at(_DAY_S - make.die(7, 2 * _DAY_S, n, k), t.due_at)),
            "resolution_met": _unless(is_open, make.die(8, 6, n, k) > 0),
            "resolution_s": _unless(is_open, literal(20_000)),
            "updated_at": opened,
            "known_at": opened,
        },
        source,
    )
    span = {**same, "ticket_id": key, "kind": "other", "from_at": opened, "known_at": opened}
    make.insert(
        TicketSpan,
        {
            **span,
            "id": row_id(n, 2 * k),
            "state": TicketState.OPEN,
            "due_at": make.at(_DAY_S - make.die(7, 2 * _DAY_S, n, k), t.due_at),
            "to_at": _unless(is_open, solved),
        },
        source,
    )
    make.insert(
        TicketSpan,
        {
            **span,
            "id": row_id(n, 2 * k + 1),
            "state": TicketState.RESOLVED,
            "from_at": solved,
            "resolved_at": solved,
            "resolution_met": make.die(8, 6, n, k) > 0,
            "resolution_s": literal(20_000),
        },
        source,
        ~is_open,
    )
    a = make.accounts()
    n = a.c.n
    make.insert(
        UnmatchedTicket,
        {
            "id": row_id(n),
            "source_key": "bench",
            "external_id": "U-" + cast(n, String),
            "subject": "Who are we?",
            "requester": "somebody@unknown.example",
            "reason_values": {},
            "record": {},
            "opened_at": make.at(-make.die(2, 90 * _DAY_S, n), t.opened_at),
            "updated_at": make.now,
        },
        a,
        make.die(7, 100, n) == 0,
    )


def _either(condition: Any, one: Any, other: Any, column: Any) -> Any:
    return case((condition, literal(one, column.type)), else_=literal(other, column.type))


def _unless(condition: Any, value: Any) -> Any:
    return case((condition, null()), else_=value)


def _make_tasks(make: Maker) -> None:
    a = make.accounts()
    n, facts = a.c.n, Facts(make, a.c.n)
    table = table_of(Task).c
    for place, is_done in ((0, False), (1, True)):
        days = make.die(3 + place, 60, n) - (20 if not is_done else 120)
        done = {"done_at": make.at(days * _DAY_S, table.done_at), "done_on": make.day(days), "done_by": facts.owner_id}
        make.insert(
            Task,
            {
                "id": row_id(n, place),
                "account_id": row_id(n),
                "assignee_id": facts.owner_id,
                "title": "Call about the figures",
                "due_on": make.day(days),
                **(done if is_done else {}),
            },
            a,
            ~facts.is_lost,
        )


def _make_pulses(make: Maker) -> None:
    source, n, k = _each(make, 3)
    table = table_of(Pulse).c
    ago = make.die(6, 100, n, k) + 100 * k
    said = make.at(-ago * _DAY_S, table.happened_at)
    make.insert(
        Pulse,
        {
            "id": row_id(n, k),
            "account_id": row_id(n),
            "colour": pick(make.die(0, 3, n, k), list(PulseColour), table.colour),
            "sentence": "As we see it",
            "set_by": Facts(make, n).owner_id,
            "happened_at": said,
            "said_on": make.day(-ago),
            "judged_on": make.day(JUDGED_AFTER_DAYS - ago),
            "judged_at": make.at((JUDGED_AFTER_DAYS - ago) * _DAY_S, table.judged_at),
            "known_at": said,
        },
        source,
    )


def _make_matters(make: Maker) -> None:
    a = make.accounts()
    n, facts = a.c.n, Facts(make, a.c.n)
    make.insert(
        Risk,
        {
            "id": row_id(n),
            "account_id": row_id(n),
            "reason": pick(make.die(2, len(RiskReason), n), list(RiskReason), table_of(Risk).c.reason),
            "words": "Their budget is being looked at.",
            "arr_minor": facts.base_minor,
            "since_on": make.day(-make.die(5, 90, n)),
            "owner_id": facts.owner_id,
            "next_step": "Meet their sponsor",
            "next_on": make.day(make.die(1, 40, n) - 10),
            "changed_at": make.at(-make.die(5, 90, n) * _DAY_S, table_of(Risk).c.changed_at),
        },
        a,
        make.die(8, 20, n) == 0,
        ~facts.is_lost,
    )
    make.insert(
        Goal,
        {
            "id": row_id(n),
            "account_id": row_id(n),
            "objective": "Fewer stops of the sorter",
            "set_on": make.day(-100),
            "due_on": make.day(make.die(3, 200, n) - 30),
        },
        a,
        make.die(9, 5, n) == 0,
    )


def _make_shared(make: Maker) -> None:
    """What there is once, however many accounts: tags, views, a play."""
    session = make.session
    session.add_all(Tag(id=key, name=name, name_folded=name) for key, name in enumerate(("pilot", "public", "vip"), 1))
    session.add_all(
        SavedView(
            id=key,
            list_key="accounts",
            title=f"View {key}",
            query="scope=all&sort=score",
            owner_id=1 if key < 5 else MANAGER,
            shared=key >= 5,
        )
        for key in range(1, 9)
    )
    session.add(Play(id=1, title="A silent sponsor", trigger=Trigger.STAGE, trigger_value="live", created_by=MANAGER))
    session.flush()
    session.add(
        PlayStep(id=1, play_id=1, version=1, position=1, title="Call", role=PlayRole.OWNER, anchor=Anchor.START, days=3)
    )
    session.flush()


def _make_runs(make: Maker) -> None:
    a = make.accounts()
    n = a.c.n
    make.insert(
        AccountTag,
        {"account_id": row_id(n), "tag_id": make.die(4, 3, n) + 1},
        a,
        make.die(5, 4, n) == 0,
    )
    make.insert(
        PlayRun,
        {
            "id": row_id(n),
            "play_id": literal(1),
            "version": literal(1),
            "account_id": row_id(n),
            "cause": "stage:live",
            "started_on": make.day(-make.die(6, 200, n)),
            "ended_on": _unless(make.die(2, 2, n) == 0, make.day(0)),
        },
        a,
        make.die(7, 25, n) == 0,
    )
