"""Pulses, risks, goals and promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.goals.models import Goal, GoalEvidence, GoalStatus
from accounts.models import ContactRoleKind
from accounts.promises.models import Promise, PromiseStatus
from accounts.pulse.models import Pulse, dated
from accounts.risks.models import Risk, RiskEvent, RiskEventKind, RiskStatus
from crm.demo import work
from crm.demo.companies import BY_KEY
from crm.demo.making.writing import Writing
from crm.ids import new_id


def _at(w: Writing, ago: int, hour: int = 16) -> datetime:
    """In the afternoon of that working day; never after now."""
    return w.book.moment(w.book.ago(w.book.workday(ago)), f"{hour}:20")


def write_pulses(w: Writing) -> None:
    w.put(
        Pulse,
        (
            {
                "account_id": w.accounts[said.company],
                "colour": said.colour,
                "sentence": said.sentence,
                "set_by": w.user(BY_KEY[said.company].owner),
                **dated(_at(w, said.ago)),
                "known_at": w.book.now,
                "closed_at": None,
            }
            for said in work.pulses()
        ),
    )


def write_risks(w: Writing) -> None:
    rows, events = [], []
    for worry in work.RISKS:
        id_ = new_id()
        helper = w.user(worry.help_from) if worry.help_from else None
        told = _events(w, worry, id_)
        events += told
        rows.append(
            {
                "id": id_,
                "account_id": w.accounts[worry.company],
                "reason": worry.reason,
                "words": worry.words,
                "arr_minor": None if worry.arr is None else 100 * worry.arr,
                "since_on": w.book.day(worry.since),
                "owner_id": w.user(worry.owner),
                "next_step": worry.step,
                "next_on": None if worry.due is None else _due(w, worry.due),
                "help_needed": worry.help,
                "help_from_id": helper,
                "status": worry.status,
                "outcome": worry.outcome,
                "closed_on": None if worry.closed is None else w.book.workday(worry.closed),
                "created_by": w.user(worry.owner),
                "created_at": told[0]["happened_at"],
                "changed_at": told[-1]["happened_at"],
                "version": len(told),
            }
        )
    w.put(Risk, rows)
    w.put(RiskEvent, events)


def _due(w: Writing, days: int) -> Any:
    return w.book.next_workday(days) if days >= 0 else w.book.workday(-days)


def _events(w: Writing, worry: work.Worry, risk_id: int) -> list[dict[str, Any]]:
    """Opened, then each turn, then how it ended; the amount is what it was at the time."""
    turns = sorted(worry.turns, key=lambda turn: -turn.ago)
    first = next((turn.before for turn in turns if turn.name == "arr"), worry.arr)
    arr = None if first is None else 100 * int(first)
    common = {"risk_id": risk_id, "account_id": w.accounts[worry.company], "by_id": w.user(worry.owner)}

    def event(ago: int, kind: RiskEventKind, changes: dict[str, Any], words: str = "", **more: Any) -> dict[str, Any]:
        at = _at(w, ago, 17)
        row = {"kind": kind, "status": RiskStatus.OPEN, "arr_minor": arr, "changes": changes, "words": words[:300]}
        return {**common, **row, "happened_at": at, **more}

    found = [event(worry.since, RiskEventKind.OPENED, {}, worry.words)]
    for turn in turns:
        if turn.name == "arr":
            before, arr = arr, None if worry.arr is None else 100 * worry.arr
            found.append(event(turn.ago, RiskEventKind.CHANGED, {"arr_minor": [before, arr]}))
        elif turn.name == "step":
            changes = {"next_step": [turn.before, ""]}
            found.append(event(turn.ago, RiskEventKind.STEP_DONE, changes, turn.words))
        else:
            found.append(event(turn.ago, RiskEventKind.CHANGED, {"help_needed": [turn.before, worry.help]}))
    if worry.status is RiskStatus.ACCEPTED:
        changes = {"status": [RiskStatus.OPEN.value, RiskStatus.ACCEPTED.value]}
        found.append(event(worry.since // 2, RiskEventKind.CHANGED, changes, status=worry.status))
    elif worry.closed is not None:
        changes = {"status": [RiskStatus.OPEN.value, worry.status.value]}
        found.append(event(worry.closed, RiskEventKind.CLOSED, changes, worry.outcome, status=worry.status))
    return found


def write_goals(w: Writing) -> None:
    goals, evidence = [], []
    for aim in work.GOALS:
        id_, owner = new_id(), w.user(BY_KEY[aim.company].owner)
        settled_ago, status, outcome = aim.settled or (0, GoalStatus.OPEN, "")
        goals.append(
            {
                "id": id_,
                "account_id": w.accounts[aim.company],
                "objective": aim.objective,
                "metric": aim.metric,
                "unit": aim.unit,
                "baseline": aim.baseline,
                "target": aim.target,
                "contact_id": _contact(w, aim.company, aim.of),
                "set_on": w.book.day(aim.set_ago),
                "due_on": w.book.today + timedelta(days=aim.due),
                "status": status,
                "settled_on": w.book.workday(settled_ago) if aim.settled else None,
                "settled_at": _at(w, settled_ago) if aim.settled else None,
                "settled_by": owner if aim.settled else None,
                "outcome": outcome,
                "created_by": owner,
                "created_at": _at(w, aim.set_ago),
                "version": 1,
            }
        )
        evidence += [
            {
                "goal_id": id_,
                "account_id": w.accounts[aim.company],
                "seen_on": w.book.workday(seen.ago),
                "figure": seen.figure,
                "words": seen.words,
                "for_customer": seen.for_customer,
                "added_by": owner,
                "known_at": _at(w, seen.ago),
                "closed_at": None,
            }
            for seen in aim.seen
        ]
    w.put(Goal, goals)
    w.put(GoalEvidence, evidence)


def write_promises(w: Writing) -> None:
    rows = []
    for pledge in work.PROMISES:
        settled_ago, status, outcome = pledge.settled or (0, PromiseStatus.OPEN, "")
        rows.append(
            {
                "account_id": w.accounts[pledge.company],
                "what": pledge.what,
                "contact_id": _contact(w, pledge.company, pledge.to),
                "side": pledge.side,
                "promised_by": w.user(pledge.by),
                "promised_on": w.book.workday(pledge.on),
                "due_on": _due(w, pledge.due),
                "status": status,
                "settled_on": w.book.workday(settled_ago) if pledge.settled else None,
                "settled_at": _at(w, settled_ago) if pledge.settled else None,
                "settled_by": w.user(BY_KEY[pledge.company].owner) if pledge.settled else None,
                "outcome": outcome,
                "created_by": w.user(BY_KEY[pledge.company].owner),
                "created_at": _at(w, pledge.on, 11),
            }
        )
    w.put(Promise, rows)


def _contact(w: Writing, company: str, role: ContactRoleKind) -> int:
    return w.contact(w.history.casts[company].who(role, 0)[0])
