"""What a mapping may say, and what it is told when it says something else."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from crm.config import ROOT
from crm.errors import Invalid
from crm.text import Text
from support.importing.cells import BadCell, Header, instants
from support.importing.mapping import MappingWrong, OneRowPer, SourceState, load_yaml, mapping_from, read_mapping
from tests.support._logs import MAPPING, write_mapping

SHIPPED = sorted((ROOT / "support" / "mappings").glob("*.yaml"))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The mapping with something else at ``path``; ``None`` leaves it out."""
    found = deepcopy(MAPPING)
    *sections, last = path.split(".")
    place = found
    for name in sections:
        place = place.setdefault(name, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_mappings_are_right(path: Path) -> None:
    assert read_mapping(path).source_key


def test_the_uci_mapping_says_what_the_log_means() -> None:
    mapping = read_mapping(ROOT / "support" / "mappings" / "uci_servicenow.yaml")
    assert mapping.one_row_per is OneRowPer.EVENT
    assert mapping.zone == "Etc/UTC"
    assert mapping.state is not None
    assert mapping.state.values["awaiting user info"] is SourceState.WAITING
    assert mapping.state.values["-100"] is None
    assert not mapping.answers_told  # the log tells none, so that clock must not run


@pytest.mark.parametrize(
    ("path", "value", "place", "reason"),
    [
        ("source.key", None, "source.key", "this is missing"),
        ("source.key", "No Spaces!", "source.key", "small letters"),
        ("zone", None, "zone", "this is missing"),
        ("zone", "Europe/Pari", "zone", "did you mean Europe/Paris?"),
        ("one_row_per", "row", "one_row_per", "“row” is not one of: ticket, event"),
        ("one_row_per", "ticket", "events", "one row per event"),
        ("ticket.id", None, "ticket.id", "say which column"),
        ("ticket.quux", "x", "ticket.quux", "known are: id, url"),
        ("ticket.subjet", "x", "ticket.subjet", "did you mean “subject”?"),
        ("ticket.state", {"column": "state", "values": {"New": "opne"}}, "ticket.state.values.New", "not one of: open"),
        ("ticket.state", {"column": "state", "values": ["New"]}, "ticket.state.values", "what each cell means"),
        ("ticket.state", {"values": {}}, "ticket.state.column", "say which column"),
        ("times", {"born": "x"}, "times.born", "known are: opened"),
        ("events", None, "events", "this part is missing"),
        ("company.create", "maybe", "company.create", "true or false"),
        ("company.name", None, "company.name", "new accounts need a name"),
        ("company.tier", "gold", "company.tier", "not one of: enterprise"),
        ("rating", {"column": "x", "scale": ["1"]}, "rating.scale", "like [1, 5]"),
        ("rating", {"column": "x", "scale": ["3", "3"]}, "rating.scale", "like [1, 5]"),
        ("source", "log", "source", "must hold settings"),
        ("colour", "red", "colour", "this is not known here"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(path: str, value: Any, place: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(MappingWrong) as refused:
        read_mapping(write_mapping(tmp_path / "m.yaml", changed(path, value)))
    said = str(refused.value.sentence)
    assert f"at “{place}”" in said
    assert reason in said


@pytest.mark.parametrize(
    ("written", "said"),
    [("a: [", "line 1"), ("- a", "no settings"), ("", "no settings"), (b"a: \xff", "UTF-8")],
)
def test_a_file_that_is_no_mapping_is_refused(written: str | bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    with pytest.raises(Invalid) as refused:
        load_yaml(path)
    assert said in str(refused.value.sentence)


def test_words_of_the_file_stay_what_they_are(tmp_path: Path) -> None:
    """YAML reads No, on and 1 as other things; a helpdesk means them."""
    path = tmp_path / "m.yaml"
    path.write_text("values: {No: met, on: missed, 1: met}", "utf-8")
    assert load_yaml(path) == {"values": {"No": "met", "on": "missed", "1": "met"}}


def test_a_column_that_the_file_has_not_is_named_with_those_it_has() -> None:
    with pytest.raises(MappingWrong) as refused:
        Header(("id", "opened"), mapping_from(MAPPING)).words(mapping_from(MAPPING).topic)
    assert "no column “category”; it has: id, opened" in str(refused.value.sentence)


@pytest.mark.parametrize(
    ("forms", "zone", "cell", "meant"),
    [
        (("iso",), "Europe/Paris", "2025-11-23T10:00", datetime(2025, 11, 23, 9, tzinfo=UTC)),
        (("iso",), "Europe/Paris", "2025-11-23T10:00Z", datetime(2025, 11, 23, 10, tzinfo=UTC)),
        (("%d/%m/%Y %H:%M",), "Etc/UTC", "3/4/2016 01:16", datetime(2016, 4, 3, 1, 16, tzinfo=UTC)),
        (("%d/%m/%Y %H:%M", "%Y-%m-%d"), "Etc/UTC", "2016-04-03", datetime(2016, 4, 3, tzinfo=UTC)),
        (("%d %b %Y",), "Etc/UTC", "3 Apr 2016", datetime(2016, 4, 3, tzinfo=UTC)),
        (("epoch",), "Europe/Paris", "1479200000", datetime(2016, 11, 15, 8, 53, 20, tzinfo=UTC)),
        (("epoch_ms",), "Europe/Paris", "1479200000000", datetime(2016, 11, 15, 8, 53, 20, tzinfo=UTC)),
        (("iso",), "Europe/Paris", "2016-03-27T02:30", datetime(2016, 3, 27, 1, 30, tzinfo=UTC)),  # was skipped
        (("iso",), "Europe/Paris", "2016-10-30T02:30", datetime(2016, 10, 30, 0, 30, tzinfo=UTC)),  # came twice
    ],
)
def test_instants_are_read_in_the_zone_of_the_mapping(
    forms: tuple[str, ...], zone: str, cell: str, meant: datetime
) -> None:
    assert instants(forms, zone)(cell) == meant


@pytest.mark.parametrize(
    "cell", ["", "31/02/2016 10:00", "2016-04-03", "9/9/9999 10:00", "1/1/0001 00:00", "1/1/1970 10:00", "x" * 500]
)
def test_what_is_no_believable_instant_says_why(cell: str) -> None:
    found = instants(("%d/%m/%Y %H:%M",), "Europe/Paris")(cell)
    assert isinstance(found, Text)


@pytest.mark.parametrize("form", ["day", "%H:%M", "%d/%d/%Y", "%Q", "%d/%m"])
def test_forms_that_tell_no_day_are_refused(form: str) -> None:
    with pytest.raises(MappingWrong, match="tells no day"):
        instants((form,), "Europe/Paris")


def test_cells_that_the_mapping_does_not_know_are_refused_unless_it_says_otherwise() -> None:
    mapping = mapping_from(changed("ticket.state", {"column": "state", "values": {"New": "open"}}))
    with pytest.raises(BadCell, match="does not say what this means"):
        Header(("state",), mapping).choice(mapping.state)(("Limbo",))
    mapping = mapping_from(
        changed("ticket.state", {"column": "state", "values": {"Néw": "waiting"}, "otherwise": "open"})
    )
    read = Header(("state",), mapping).choice(mapping.state)
    assert read(("Limbo",)) is SourceState.OPEN
    assert read((" NEW ",)) is SourceState.WAITING  # without case and accents
    assert read(("?",)) is None


def test_what_the_guide_shows_can_be_written() -> None:
    guide = (ROOT / "docs" / "guide" / "import-tickets.md").read_text("utf-8")
    parts = [yaml.load(part, Loader=yaml.BaseLoader) for part in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)]
    *common, events = parts
    whole: dict[str, Any] = {}
    for part in common:
        whole |= part
    assert mapping_from(whole).one_row_per is OneRowPer.TICKET
    assert mapping_from(whole | events).events is not None
