"""Usage out of a file: each row a day of a metric of an account.

A file of any length takes the same memory: accounts and metrics are remembered, and of days that a file has told one
bit each. A second line about the same day is refused when it says something else, so that the same file again changes
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlmodel import Session, col

from accounts import service
from accounts.events import SignalsChanged, tell
from accounts.importing.facts import FactImporter, FactPlan
from accounts.importing.planning import Outcome
from accounts.usage.models import (
    UsageCorrection,
    UsageDay,
    UsageMetric,
    as_milli,
    as_value,
    day_number,
    day_of_number,
    folded_metric,
)
from crm.audit import record
from crm.clock import end_of, now, today
from crm.db import table_of
from crm.ids import new_id
from crm.text import N_, text

SOURCE, SOURCE_TITLE = "usage", N_("Usage")
AT_ONCE = 1_000  # days looked up by one statement
REMEMBERED = 100_000  # figures of a look without writing
MOST_METRICS = 200

Key = tuple[int, int, int]  # account, metric, day


@dataclass(frozen=True)
class Figure:
    account_id: int
    metric: str  # folded
    title: str
    day: int
    milli: int


class _Days:
    """The days of one account and metric that a file has told: a bit each."""

    __slots__ = ("_bits", "_first")

    def __init__(self) -> None:
        self._first = 0
        self._bits = 0

    def has(self, day: int) -> bool:
        at = day - self._first
        return at >= 0 and bool(self._bits >> at & 1)

    def add(self, day: int) -> None:
        if not self._bits:
            self._first = day
        elif day < self._first:
            self._bits <<= self._first - day
            self._first = day
        self._bits |= 1 << (day - self._first)


class UsageImporter(FactImporter):
    needed = (
        ("day", N_("This row has no day.")),
        ("metric", N_("This row names no metric.")),
        ("value", N_("This row has no value.")),
    )

    def __init__(self, *given: Any, dry: bool) -> None:
        super().__init__(*given, dry=dry)
        self._told: dict[tuple[int, str], _Days] = {}
        self._metrics: dict[str, int] = {}  # by key
        self._planned: dict[tuple[int, str, int], int] = {}  # what rows that are not written yet will have said

    def settle(self, session: Session, plans: Sequence[FactPlan]) -> None:
        last = today()
        self._metrics = metric_ids(session)
        figures: list[tuple[FactPlan, Figure]] = []
        for plan in plans:
            values = plan.row.values
            day: date = values["day"]
            if day > last:
                plan.wrong.append(self.finder.at(plan.row, "day", text(N_("%(day)s has not come yet."), day=day)))
                continue
            key = folded_metric(values["metric"])
            if not key:
                plan.wrong.append(self.finder.at(plan.row, "metric", text(N_("This row names no metric."))))
                continue
            if plan.account is None:
                raise LookupError("A row that is settled has its account.")
            figure = Figure(plan.account.id, key, values["metric"], day_number(day), as_milli(values["value"]))
            figures.append((plan, figure))
        stored = self._stored(session, [figure for _plan, figure in figures])
        if not self.dry or len(self._planned) > REMEMBERED:
            self._planned = {}
        for plan, figure in figures:
            self._settle_one(plan, figure, stored)

    def _settle_one(self, plan: FactPlan, figure: Figure, stored: dict[Key, int]) -> None:
        told = self._told.setdefault((figure.account_id, figure.metric), _Days())
        place = (figure.account_id, figure.metric, figure.day)
        metric_id = self._metrics.get(figure.metric)
        known = stored.get((figure.account_id, metric_id, figure.day)) if metric_id is not None else None
        if told.has(figure.day):
            said = self._planned.get(place, known)
            if said is not None and said != figure.milli:
                reason = text(
                    N_("Another line of this file says %(other)s for the same day; keep one of the two."),
                    other=as_value(said),
                )
                plan.wrong.append(self.finder.at(plan.row, "value", reason))
                return
            plan.outcome = Outcome.UNCHANGED
            return
        if metric_id is None and figure.metric not in self._metrics:
            if len(self._metrics) >= MOST_METRICS:
                reason = text(N_("This would be metric number %(n)s; is the right column chosen?"), n=MOST_METRICS + 1)
                plan.wrong.append(self.finder.at(plan.row, "metric", reason))
                return
            self._metrics[figure.metric] = 0  # written with the chunk
        told.add(figure.day)
        self._planned[place] = figure.milli
        plan.fact, plan.before = figure, known
        if known is None:
            plan.outcome = Outcome.NEW
        elif known != figure.milli:
            plan.outcome, plan.changed = Outcome.UPDATED, ("value",)
        else:
            plan.outcome = Outcome.UNCHANGED

    def _stored(self, session: Session, figures: Sequence[Figure]) -> dict[Key, int]:
        keys = list(
            {
                (one.account_id, id_, one.day): None
                for one in figures
                if (id_ := self._metrics.get(one.metric)) is not None
            }
        )
        found: dict[Key, int] = {}
        for start in range(0, len(keys), AT_ONCE):
            rows = session.connection().execute(_STORED, {"keys": keys[start : start + AT_ONCE]})
            found.update(((account_id, metric_id, day), milli) for account_id, metric_id, day, milli in rows)
        return found

    def write_facts(self, session: Session, plans: Sequence[FactPlan]) -> None:
        new = [plan.fact for plan in plans if plan.outcome is Outcome.NEW]
        changed = [plan.fact for plan in plans if plan.outcome is Outcome.UPDATED]
        if new or changed:
            write_figures(session, new, changed)
            told = sorted({one.account_id for one in (*new, *changed)})
            newest = max(one.day for one in (*new, *changed))
            touch(session, newest)
            record(session, self.viewer, None, "usage.imported", accounts=len(told), new=len(new), changed=len(changed))
            tell(session, SignalsChanged, told)


def touch(session: Session, newest_day: int) -> None:
    """The book reaches up to the end of the newest day that was told."""
    at = min(end_of(day_of_number(newest_day)), now())
    service.touch_source(session, SOURCE, title=SOURCE_TITLE, kind="usage", newest_event_at=at)


def metric_ids(session: Session) -> dict[str, int]:
    """By their folded names."""
    return {row.key: row.id for row in session.execute(select(col(UsageMetric.key), col(UsageMetric.id)))}


def ensure_metrics(session: Session, figures: Sequence[Figure]) -> dict[str, int]:
    """Ids of metrics by key; new ones get the next small number. Imports take turns, so nobody takes the same."""
    known = metric_ids(session)
    for one in figures:
        if one.metric not in known:
            known[one.metric] = max(known.values(), default=0) + 1
            session.add(UsageMetric(id=known[one.metric], key=one.metric, title=one.title[:80]))
    session.flush()
    return known


def write_figures(session: Session, new: Sequence[Figure], changed: Sequence[Figure] = ()) -> None:
    ids = ensure_metrics(session, [*new, *changed])
    known = now()
    connection = session.connection()
    if new:
        connection.execute(
            insert(_DAY),
            [
                {"account_id": one.account_id, "metric_id": ids[one.metric], "day": one.day, "value_milli": one.milli,
                 "known_at": known}
                for one in new
            ],
        )  # fmt: skip
    keys = [(one.account_id, ids[one.metric], one.day) for one in changed]
    for start in range(0, len(keys), AT_ONCE):
        before = connection.execute(_WHOLE, {"keys": keys[start : start + AT_ONCE]}).mappings()
        connection.execute(insert(_CORRECTION), [{"id": new_id(), "closed_at": known, **row} for row in before])
    if changed:
        connection.execute(
            update(_DAY)
            .where(
                _DAY.c.account_id == bindparam("of_account"),
                _DAY.c.metric_id == bindparam("of_metric"),
                _DAY.c.day == bindparam("of_day"),
            )
            .values(value_milli=bindparam("milli"), known_at=bindparam("known")),
            [
                {"of_account": key[0], "of_metric": key[1], "of_day": key[2], "milli": one.milli, "known": known}
                for key, one in zip(keys, changed, strict=True)
            ],
        )


_DAY: Any = table_of(UsageDay)
_CORRECTION: Any = table_of(UsageCorrection)
_THESE = tuple_(_DAY.c.account_id, _DAY.c.metric_id, _DAY.c.day).in_(bindparam("keys", expanding=True))
_STORED = select(_DAY.c.account_id, _DAY.c.metric_id, _DAY.c.day, _DAY.c.value_milli).where(_THESE)
_WHOLE = select(_DAY).where(_THESE)

__all__ = ["Figure", "UsageImporter", "touch", "write_figures"]
