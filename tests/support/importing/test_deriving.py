"""From rows to what happened."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.csv_io import Row
from support.clocks import default_policy
from support.importing.deriving import Derived, EventRows, TicketRows
from support.importing.mapping import mapping_from
from support.models import EventKind, TicketKind, TicketState
from support.projection import Projection, project
from support.records import AccountHint, Requester
from tests.support._logs import HEADER, MAPPING

POLICY = default_policy("Europe/Paris")

TICKET: dict[str, Any] = {
    "source": {"key": "desk"},
    "zone": "Etc/UTC",
    "unknown": ["-"],
    "one_row_per": "ticket",
    "ticket": {
        "id": "id",
        "subject": "{subject} ({id})",
        "kind": {"column": "type", "values": {"Bug": "defect"}, "otherwise": "question"},
        "priority": {"column": "prio", "values": {"P1": "urgent", "P3": "normal"}},
        "state": {"column": "state"},
        "url": "https://desk.example/{id}",
    },
    "times": {
        "opened": "opened",
        "first_answered": "answered",
        "resolved": "resolved",
        "closed": "closed",
        "updated": "updated",
    },
    "counts": {"reopened": "reopens", "escalated": "escalations"},
    "verdict": {"resolution": {"column": "sla", "values": {"ok": "met", "ko": "missed"}}},
    "rating": {"column": "stars", "scale": ["1", "5"]},
    "company": {"domain": "domain"},
    "requester": {"email": "mail"},
}
TITLES = (
    "id subject type prio state opened answered resolved closed updated reopens escalations sla stars domain mail"
).split()


def ticket_row(**cells: str) -> Derived:
    cells = {"id": "7", "opened": "2026-01-05T08:00", "state": "open", **cells}
    row = Row(2, tuple(cells.get(title, "") for title in TITLES))
    return TicketRows(mapping_from(TICKET), TITLES).derive([row])


def projected(derived: Derived) -> Projection:
    assert derived.record is not None, derived.problems
    return project(derived.record.fields, derived.record.events, POLICY)


def columns(derived: Derived, *names: str) -> tuple[Any, ...]:
    found = projected(derived).columns
    return tuple(found[name] for name in names)


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


# --- one row per ticket -----------------------------------------------------------------------------------------------


def test_a_row_becomes_a_ticket() -> None:
    derived = ticket_row(
        subject="Export",
        type="Bug",
        prio="P1",
        state="closed",
        answered="2026-01-05T08:30",
        resolved="2026-01-06T08:00",
        closed="2026-01-09T08:00",
        updated="2026-01-09T09:00",
        reopens="1",
        escalations="2",
        sla="ko",
        stars="4",
        domain="halden.example",
        mail="ingrid@halden.example",
    )
    record = derived.record
    assert record is not None
    assert (record.external_id, record.updated_at, record.complete) == ("7", at(9, 9), True)
    assert record.fields.subject == "Export (7)"
    assert record.fields.external_url == "https://desk.example/7"
    assert record.fields.kind is TicketKind.DEFECT
    assert record.account == AccountHint(domain="halden.example")
    assert record.requester == Requester(email="ingrid@halden.example")
    assert columns(
        derived, "state", "priority", "first_answered_at", "resolved_at", "reopened", "escalated", "csat"
    ) == (
        TicketState.CLOSED,
        1,
        datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
        at(6),
        1,
        2,
        75.0,
    )
    assert columns(derived, "resolution_met", "our_resolution_met", "source_verdict") == (False, False, True)


@pytest.mark.parametrize(
    ("cells", "state", "resolved_at"),
    [
        ({}, TicketState.OPEN, None),
        ({"state": "waiting", "updated": "2026-01-07T08:00"}, TicketState.WAITING, None),
        ({"state": "resolved", "updated": "2026-01-07T08:00"}, TicketState.RESOLVED, at(7)),
        ({"state": "closed", "closed": "2026-01-08T08:00"}, TicketState.CLOSED, at(8)),
        ({"state": "closed", "resolved": "2026-01-06T08:00"}, TicketState.CLOSED, at(6)),
        ({"state": "-", "resolved": "2026-01-06T08:00"}, TicketState.RESOLVED, at(6)),
        # It says open although it was resolved once: it was reopened since.
        ({"resolved": "2026-01-06T08:00", "updated": "2026-01-07T08:00"}, TicketState.OPEN, None),
    ],
)
def test_state_and_times_are_read_together(cells: dict[str, str], state: TicketState, resolved_at: Any) -> None:
    assert columns(ticket_row(**cells), "state", "resolved_at") == (state, resolved_at)


def test_an_open_ticket_that_the_source_calls_late_is_late() -> None:
    derived = ticket_row(sla="ko", prio="P3", updated="2026-01-05T09:00", answered="2026-01-05T08:10")
    assert columns(derived, "due_at", "resolution_met") == (at(5, 9), None)


def test_a_ticket_that_says_no_more_than_that_it_was_opened_is_a_ticket() -> None:
    assert columns(ticket_row(state=""), "state", "priority", "opened_at") == (TicketState.OPEN, 3, at(5))


@pytest.mark.parametrize(
    ("cells", "column", "value", "reason"),
    [
        ({"id": ""}, "id", "", "has no id"),
        ({"id": "-"}, "id", "", "has no id"),
        ({"id": "x" * 121}, "id", "x" * 121, "120 characters"),
        ({"opened": ""}, "opened", "", "opened at no time"),
        ({"opened": "yesterday"}, "opened", "yesterday", "not a date of the form iso"),
        ({"resolved": "2031-01-01"}, "resolved", "2031-01-01", "in the future"),
        ({"prio": "P9"}, "prio", "P9", "does not say what this means"),
        ({"state": "limbo"}, "state", "limbo", "does not say what this means"),
        ({"reopens": "some"}, "reopens", "some", "not a whole number"),
        ({"reopens": "-1"}, "reopens", "-1", "not a whole number"),
        ({"escalations": "999999999"}, "escalations", "999999999", "from 0 to 1000"),
        ({"stars": "6"}, "stars", "6", "between 1"),
        ({"stars": "nan"}, "stars", "nan", "not a number"),
    ],
)
def test_a_bad_cell_leaves_the_row_out_and_says_why(
    cells: dict[str, str], column: str, value: str, reason: str
) -> None:
    derived = ticket_row(**cells)
    assert derived.record is None
    (problem,) = derived.problems
    assert (problem.line, problem.column, problem.value) == (2, column, value)
    assert reason in str(problem.reason)


def test_a_row_with_too_many_cells_is_left_out() -> None:
    cells = {"id": "7", "opened": "2026-01-05T08:00"}
    row = Row(2, (*(cells.get(title, "") for title in TITLES), "spill"))
    derived = TicketRows(mapping_from(TICKET), TITLES).derive([row])
    assert derived.record is None
    assert "quotation mark" in str(derived.problems[0].reason)


# --- one row per event ------------------------------------------------------------------------------------------------


def log(*rows: str, mapping: dict[str, Any] = MAPPING) -> Derived:
    """Rows as ``"5/1 08:00 state rev=… priority=…"``, of ticket 7 opened on 5 January at 7:00 in Paris."""
    made = []
    for line, written in enumerate(rows, 2):
        day, time, state, *more = written.split()
        cells = {
            "id": "7",
            "opened_at": "5/1/2026 07:00",
            "updated_at": f"{day}/2026 {time}",
            "state": state,
            "priority": "3",
            "passes": "0",
            "reopens": "0",
            "in_time": "true",
            **dict(one.split("=") for one in more),
        }
        made.append(Row(line, tuple(cells.get(title, "") for title in HEADER)))
    return EventRows(mapping_from(mapping), HEADER).derive(made)


def happened(derived: Derived) -> list[str]:
    assert derived.record is not None, derived.problems
    return [event.kind.value for event in derived.record.events]


def test_changes_between_rows_are_events() -> None:
    derived = log(
        "5/1 08:00 New",
        "5/1 09:00 Active passes=2 team=B",
        "5/1 10:00 Pending passes=2",
        "5/1 11:00 Active passes=2 priority=1",
        "5/1 12:00 Solved passes=2 priority=1",
        "6/1 12:00 Active passes=2 priority=1 reopens=1",
        "6/1 13:00 Solved passes=2 priority=1 reopens=1",
        "9/1 13:00 Closed passes=2 priority=1 reopens=1 in_time=false company_id=C",
    )
    assert happened(derived) == [
        "opened",
        "reassigned",
        "reassigned",
        "waiting",
        "priority",
        "working",
        "resolved",
        "reopened",
        "resolved",
        "closed",
        "breached",
    ]
    assert columns(derived, "state", "priority", "reassigned", "reopened", "resolution_met") == (
        TicketState.CLOSED,
        1,
        2,
        1,
        False,
    )
    record = derived.record
    assert record is not None
    assert record.updated_at == at(9, 12)  # 13:00 in Paris
    assert record.opened_at == at(5, 6)
    assert record.account == AccountHint(external_id="C", name="Company C", create=True)
    assert record.complete


def test_a_last_row_without_company_leaves_it_open() -> None:
    derived = log("5/1 08:00 New company_id=A", "5/1 09:00 Closed company_id=?")
    assert derived.record is not None
    assert derived.record.account.is_empty


def test_the_last_row_in_time_counts_wherever_it_stands() -> None:
    rows = ["5/1 08:00 New category=a", "5/1 09:00 Pending category=b", "5/1 10:00 Solved category=c"]
    forward, backward = log(*rows), log(*reversed(rows))
    assert forward.record is not None
    assert backward.record is not None
    assert forward.record.events == backward.record.events
    assert forward.record.fields == backward.record.fields
    assert forward.record.fields.topic == "c"


def test_a_count_that_rises_although_the_state_did_not_show_it_is_told() -> None:
    derived = log("5/1 08:00 Solved", "6/1 08:00 Solved reopens=1", "7/1 08:00 Active reopens=1")
    assert happened(derived) == ["opened", "resolved", "reopened", "resolved", "reopened"]
    assert columns(derived, "reopened", "state") == (2, TicketState.OPEN)


def test_a_verdict_that_is_taken_back_no_longer_counts() -> None:
    derived = log("5/1 08:00 Active", "5/1 09:00 Active in_time=false", "5/1 10:00 Closed in_time=true")
    assert columns(derived, "resolution_met", "source_verdict") == (True, True)


def test_two_updates_in_one_minute_keep_their_order_and_their_keys() -> None:
    derived = log("5/1 08:00 Solved rev=1", "5/1 08:00 Active rev=2 reopens=1", "5/1 08:00 Pending rev=3 reopens=1")
    assert columns(derived, "state") == (TicketState.WAITING,)
    assert derived.record is not None
    assert len({event.key for event in derived.record.events}) == len(derived.record.events)


def test_a_bad_row_is_left_out_and_the_rest_of_the_ticket_comes_in() -> None:
    derived = log("5/1 08:00 New", "5/1 09:00 Limbo", "5/1 10:00 Solved")
    assert happened(derived) == ["opened", "resolved"]
    assert [(problem.line, problem.column, problem.value) for problem in derived.problems] == [(3, "state", "Limbo")]


def test_events_may_be_named() -> None:
    mapping = deepcopy(MAPPING)
    del mapping["counts"], mapping["verdict"], mapping["ticket"]["state"]
    mapping["events"] |= {
        "kind": {
            "column": "state",
            "values": {"Reply": "agent_reply", "Hand": "escalated", "Stars": "rated", "Done": "resolved"},
        },
        "value": "rev",
    }
    del mapping["events"]["sequence"]
    mapping["rating"] = {"column": "passes", "scale": ["0", "10"]}
    derived = log(
        "5/1 08:00 Reply passes=",
        "5/1 09:00 Hand passes=",
        "6/1 09:00 Done rev=1 passes=",
        "7/1 09:00 Stars rev=9 passes=",
        mapping=mapping,
    )
    assert happened(derived) == ["opened", "agent_reply", "escalated", "resolved", "rated"]
    assert columns(derived, "first_answered_at", "escalated", "csat", "resolution_met", "source_verdict") == (
        at(5, 7),
        1,
        90.0,
        True,
        True,
    )


def test_a_part_of_a_log_tells_what_was_since_and_not_what_was_before() -> None:
    mapping = deepcopy(MAPPING)
    mapping["events"]["told"] = "part"
    derived = log("5/1 08:00 Active passes=3 reopens=2", "5/1 09:00 Solved passes=4 reopens=2", mapping=mapping)
    assert derived.record is not None
    assert not derived.record.complete
    assert happened(derived) == ["opened", "priority", "working", "reassigned", "resolved"]
    assert columns(derived, "reassigned", "reopened") == (1, 0)


def test_a_log_of_events_tells_no_first_answers_unless_it_names_them() -> None:
    derived = log("5/1 08:00 New")
    assert columns(derived, "first_answer_due_at") == (None,)
    assert EventKind.FIRST_ANSWERED.value not in happened(derived)
