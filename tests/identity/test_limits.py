"""Counters that several processes share: exact, sliding, and without a way to lock somebody out for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from crm.db import Database
from crm.identity.limits import give_back, network_of, take

WINDOW = timedelta(minutes=15)
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # the first instant of a window


def tries(database: Database, count: int, at: datetime, limit: int = 10, key: str = "k") -> list[int]:
    return [database.note(lambda session: take(session, {key: limit}, WINDOW, at)) for _ in range(count)]


def test_the_eleventh_of_ten_has_to_wait(database: Database) -> None:
    waits = tries(database, 12, AT)
    assert waits[:10] == [0] * 10
    assert all(wait > 0 for wait in waits[10:])


def test_whoever_waits_as_long_as_told_may_try_again(database: Database) -> None:
    [*_, wait] = tries(database, 11, AT)
    assert tries(database, 1, AT + timedelta(seconds=wait - 2)) != [0]
    assert tries(database, 1, AT + timedelta(seconds=wait)) == [0]


def test_the_turn_of_a_window_gives_no_second_helping(database: Database) -> None:
    tries(database, 10, AT + WINDOW - timedelta(seconds=1))
    assert [wait == 0 for wait in tries(database, 3, AT + WINDOW + timedelta(seconds=1))] == [False] * 3


def test_no_window_of_any_beginning_holds_more_than_the_limit_and_a_half(database: Database) -> None:
    allowed = []
    for second in range(0, 3600, 5):
        at = AT + timedelta(seconds=second)
        if tries(database, 1, at) == [0]:
            allowed.append(at)
    worst = max(sum(begin <= at < begin + WINDOW for at in allowed) for begin in allowed)
    assert worst <= 15


def test_a_refused_try_is_not_counted(database: Database) -> None:
    tries(database, 50, AT)
    later = AT + WINDOW + timedelta(minutes=8)
    assert tries(database, 1, later) == [0]


def test_one_used_up_key_leaves_the_others_uncounted(database: Database) -> None:
    tries(database, 10, AT, key="address")
    for _ in range(5):
        assert database.note(lambda session: take(session, {"address": 10, "network": 3}, WINDOW, AT)) > 0
    assert tries(database, 3, AT, limit=3, key="network") == [0, 0, 0]


def test_what_is_given_back_may_be_tried_again(database: Database) -> None:
    for _ in range(30):
        assert tries(database, 1, AT, limit=1) == [0]
        database.note(lambda session: give_back(session, {"k": 1}, WINDOW, AT))


def test_four_threads_together_get_exactly_the_limit(database: Database) -> None:
    together = Barrier(4)
    found: list[int] = []

    def hammer() -> None:
        together.wait()
        found.extend(database.note(lambda session: take(session, {"a": 10, "b": 100}, WINDOW, AT)) for _ in range(10))

    threads = [Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), found.count(0)) == (40, 10)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_is_an_address_or_the_half_of_one_that_a_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network
