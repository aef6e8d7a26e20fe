"""The order of a day, and what keeps an item away from it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from accounts.models import DayMark, DayVerdict
from crm.contracts import TodayAction, TodayItem
from crm.dashboard.day import effort, is_away, key_of, rank
from crm.text import text

TODAY = date(2026, 11, 23)


def an_item(account_id: int = 1, urgency: float = 50, **given: object) -> TodayItem:
    values: dict[str, object] = {
        "key": "k",
        "kind": "silence",
        "reason": text("quiet"),
        "since": None,
        "due": None,
        "minutes": 20,
        "money_minor": None,
        "condition": 1.0,
        "action": TodayAction(text("Call"), "/"),
    }
    return TodayItem(account_id=account_id, urgency=urgency, **{**values, **given})  # type: ignore[arg-type]


def a_mark(item: TodayItem, verdict: DayVerdict = DayVerdict.DONE, **given: object) -> DayMark:
    return DayMark(
        user_id=1,
        account_id=item.account_id,
        kind=item.kind,
        item_key=item.key,
        verdict=verdict,
        condition=item.condition,
        marked_at=datetime(2026, 11, 20, tzinfo=UTC),
        **given,
    )


def test_an_account_has_one_row_led_by_its_most_urgent_reason() -> None:
    late, quiet = an_item(urgency=92, kind="late", key="t"), an_item(urgency=45)
    day = rank([quiet, late], {}, TODAY)
    assert [row.lead for row in day.rows] == [late]
    assert day.now[0].others == (quiet,)
    assert day.things == 2


def test_the_order_does_not_depend_on_who_was_asked_first() -> None:
    items = [
        an_item(1, 70, money_minor=100),
        an_item(2, 70, money_minor=900),
        an_item(3, 95),
        an_item(4, 70, money_minor=100, due=date(2026, 12, 1)),
    ]
    orders = {tuple(row.account_id for row in rank(list(some), {}, TODAY).rows) for some in permutations(items)}
    assert orders == {(3, 2, 4, 1)}


@pytest.mark.parametrize(("urgency", "group"), [(60, "now"), (59.9, "this_week"), (30, "this_week"), (29, "later")])
def test_urgency_decides_the_group(urgency: float, group: str) -> None:
    day = rank([an_item(urgency=urgency)], {}, TODAY)
    assert len(getattr(day, group)) == 1 == len(day.rows)


@pytest.mark.parametrize("verdict", list(DayVerdict))
def test_what_was_put_away_returns_only_when_it_got_worse(verdict: DayVerdict) -> None:
    item = an_item(condition=2)
    mark = a_mark(item, verdict, until_on=date(2026, 12, 24) if verdict is DayVerdict.LATER else None)
    assert is_away(item, mark, TODAY)
    assert is_away(an_item(condition=1), mark, TODAY)
    assert not is_away(an_item(condition=3), mark, TODAY)


def test_later_ends_on_its_day() -> None:
    item = an_item()
    mark = a_mark(item, DayVerdict.LATER, until_on=TODAY)
    assert not is_away(item, mark, TODAY)
    assert rank([item], {key_of(item): mark}, date(2026, 11, 22)).rows == ()


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(3, "about 5 min"), (42, "about 40 min"), (60, "about 1 hour"), (170, "about 3 hours"), (240, "about half a day")],
)
def test_effort_is_said_as_a_person_would(minutes: int, words: str) -> None:
    assert str(effort(minutes)) == words
