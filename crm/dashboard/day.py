"""The order of a day: pure rules, no session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import DayMark, DayVerdict
from crm.contracts import TodayItem
from crm.text import N_, Text, plural, text

NOW, THIS_WEEK = 60.0, 30.0  # urgency from which an item stands in the group

ItemKey = tuple[int, str, str]  # account, kind, key


def key_of(item: TodayItem) -> ItemKey:
    return (item.account_id, item.kind, item.key)


@dataclass(frozen=True)
class DayRow:
    """One account of the day: what is most urgent about it, and what else."""

    lead: TodayItem
    others: tuple[TodayItem, ...]

    @property
    def account_id(self) -> int:
        return self.lead.account_id

    @property
    def minutes(self) -> int:
        return sum(item.minutes for item in (self.lead, *self.others))


@dataclass(frozen=True)
class Day:
    now: tuple[DayRow, ...]
    this_week: tuple[DayRow, ...]
    later: tuple[DayRow, ...]

    @property
    def rows(self) -> tuple[DayRow, ...]:
        return self.now + self.this_week + self.later

    @property
    def things(self) -> int:
        return sum(1 + len(row.others) for row in self.rows)

    @property
    def effort(self) -> Text:
        """How long it takes, as a person would say it."""
        return effort(sum(row.minutes for row in self.now + self.this_week))


def effort(minutes: int) -> Text:
    """Minutes of work in words a person can believe: quarters of an hour, then halves of a day of 8 hours."""
    if minutes < 60:
        return text(N_("about %(n)s min"), n=max(5, 5 * round(minutes / 5)))
    if minutes < 180:
        return plural(N_("about %(n)s hour"), N_("about %(n)s hours"), round(minutes / 60))
    if minutes < 360:
        return text(N_("about half a day"))
    if minutes < 600:
        return text(N_("about a day"))
    return plural(N_("about %(n)s day"), N_("about %(n)s days"), round(minutes / 480))


def is_away(item: TodayItem, mark: DayMark | None, today: date) -> bool:
    """Whether what the person did with ``item`` still holds; it returns when its condition has worsened since."""
    if mark is None or item.condition > mark.condition:
        return False
    return not (mark.verdict is DayVerdict.LATER and mark.until_on is not None and mark.until_on <= today)


def rank(items: Iterable[TodayItem], marks: Mapping[ItemKey, DayMark], today: date) -> Day:
    """One row an account, most urgent first; equal urgency by money at stake, then by the nearer day, then by id."""
    by_account: dict[int, list[TodayItem]] = {}
    for item in items:
        if not is_away(item, marks.get(key_of(item)), today):
            by_account.setdefault(item.account_id, []).append(item)
    rows = []
    for found in by_account.values():
        first, *rest = sorted(found, key=_order)
        rows.append(DayRow(first, tuple(rest)))
    rows.sort(key=lambda row: _order(row.lead))
    return Day(
        tuple(row for row in rows if row.lead.urgency >= NOW),
        tuple(row for row in rows if THIS_WEEK <= row.lead.urgency < NOW),
        tuple(row for row in rows if row.lead.urgency < THIS_WEEK),
    )


def _order(item: TodayItem) -> tuple[float, int, date, int, str, str]:
    return (-item.urgency, -(item.money_minor or 0), item.due or date.max, item.account_id, item.kind, item.key)


def find(items: Sequence[TodayItem], key: ItemKey) -> TodayItem | None:
    return next((item for item in items if key_of(item) == key), None)
