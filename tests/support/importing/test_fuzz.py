"""Whatever a file holds: it comes in, or is refused with a sentence; nothing else is raised and nothing hangs."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from crm.errors import Refusal
from support.importing.dates import DatesSeen, Order, reader
from support.importing.directory import facts_of
from support.importing.durations import Unit, read_duration
from support.importing.grouping import Source, groups, look_at
from support.importing.looking import Chosen, look
from support.importing.running import deriver
from support.importing.tables import as_cell
from tests.support.importing._exports import EXPORTS


def read_whole(content: bytes, name: str) -> int:
    """As an import reads it, up to where it would write; how many records it gave."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            seen = look(path, Chosen(order=Order.DAY_FIRST))
            source = Source(seen.reading, seen.mapping())
            shape = look_at(source)
            derive = deriver(source.mapping, shape)
            return sum(derive(group.rows).record is not None for group in groups(source, shape, Path(folder)))
        except Refusal:  # a sentence for whoever brought it
            return 0


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few bytes struck, doubled, swapped or replaced by what hurts."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(found)), chance.choice([1, 1, 2, 8, 200])
        match chance.randrange(5):
            case 0:
                del found[at : at + length]
            case 1:
                found[at:at] = found[at : at + length]
            case 2:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                found[at:at] = chance.choice(_HURTS)
            case _:
                found = found[:at] + found[at + length :] + found[at : at + length]
        if not found:
            return b""
    return bytes(found)


_HURTS = (
    b'"', b"\x00", b"\xff", b"\n", b'""",', b"{", b"]", b"\\ud800", b"1e999", b"-", b"9" * 400, b"[" * 3000,
    b"\xef\xbb\xbf", b"NaN", b"null", "٣/٤/٢٥".encode(), "\u2028".encode(), b"=cmd|' /C calc'!A0",
)  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.key)
def test_damaged_exports_are_read_or_refused(export: Any) -> None:
    content, chance = export.path.read_bytes(), random.Random(export.key)
    assert read_whole(content, export.path.name) == 40
    for _ in range(25):
        assert read_whole(mutated(content, chance), export.path.name) <= 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "tickets", "status", "created_at", "properties", "requester_id", "organization_id", "sla"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
_LESS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_LESS
@given(_JSON)
@example([{"id": 1, "requester_id": {}, "organization_id": [], "status": 5, "created_at": "2026-01-01T00:00:00Z"}])
def test_any_json_is_read_or_refused(content: Any) -> None:
    read_whole(json.dumps(content).encode(), "f.json")


@_LESS
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_whole(content, "f")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789/:.-, APMapmJanfév+ZT", max_size=30) | st.text(max_size=30))
def test_any_cell_is_a_day_a_duration_or_neither(cell: str) -> None:
    seen = DatesSeen()
    seen.see(cell)
    for read in (reader(Order.DAY_FIRST), reader(Order.MONTH_FIRST), lambda cell: read_duration(cell, Unit.HOURS)):
        try:
            read(cell)
        except (ValueError, OverflowError):
            continue


@_LESS
@given(st.dictionaries(st.text(max_size=8), _JSON, max_size=6))
def test_any_record_has_facts_or_none(record: dict[str, Any]) -> None:
    facts_of("users", record)
    assert all("\x00" not in as_cell(value) for value in record.values())
