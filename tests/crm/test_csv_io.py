"""Tables as files: read as people write them, written so that no spreadsheet runs them."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from crm.csv_io import Row, RowProblem, UnreadableFile, csv_lines, defused, mending_lines, open_rows, without_mark
from crm.text import text


def a_file(folder: Path, content: bytes | str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-15", "mac_roman"])
def test_usual_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    words = "Société;Ville\nBrodeur et Fils;Orléans\nÉlectricité générale;Besançon\nHôtel Dieu;Mâcon\n"
    with open_rows(a_file(tmp_path, words, encoding)) as rows:
        assert rows.header == ("Société", "Ville")
        assert [row.values[1] for row in rows] == ["Orléans", "Besançon", "Mâcon"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_although_others_stand_in_cells(tmp_path: Path, sign: str) -> None:
    other = ";" if sign == "," else ","
    lines = [sign.join(["name", "amount", "note"])] + [
        sign.join([f"n{i}", f"1{other}5", f"a{other} b"]) for i in range(9)
    ]
    with open_rows(a_file(tmp_path, "\n".join(lines))) as rows:
        assert rows.delimiter == sign
        assert all(len(row.values) == 3 for row in rows)


def test_lines_are_counted_as_an_editor_counts(tmp_path: Path) -> None:
    with open_rows(a_file(tmp_path, '\n\nname,text\r\na,"one\r\ntwo"\r\n\r\nb,x\r\n')) as rows:
        assert rows.header_line == 3
        assert list(rows) == [Row(4, ("a", "one\r\ntwo")), Row(7, ("b", "x"))]


def test_compressed_files_are_read_as_they_are(tmp_path: Path) -> None:
    with open_rows(a_file(tmp_path, gzip.compress(b"a,b\n1,2\n", mtime=0))) as rows:
        assert list(rows) == [Row(2, ("1", "2"))]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 a workbook",
        gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-20],
        b'a,b\n"' + b"x" * 2_000_000,
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile), open_rows(a_file(tmp_path, content)) as rows:
        list(rows)


@given(content=st.binary(max_size=400))
@settings(deadline=None, max_examples=150)
def test_any_bytes_give_rows_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = a_file(tmp_path_factory.mktemp("any"), content)
    try:
        with open_rows(path) as rows:
            assert all("\x00" not in cell for row in rows for cell in row.values)
    except UnreadableFile:
        pass


@given(st.text())
def test_a_defused_cell_gives_back_what_it_was(cell: str) -> None:
    assert without_mark(defused(cell)) == cell


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", " =", "\ufeff=", "\u200b@", "\uff1d", "\uff0b", "\u00a0-"]
)
def test_no_cell_starts_a_formula(start: str) -> None:
    assert defused(f"{start}SUM(A1)").startswith("'")


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))), min_size=2, max_size=2)
    )
)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("again") / "t.csv"
    path.write_bytes("".join(csv_lines(["one", "two"], table)).encode())
    with open_rows(path, delimiter=",") as rows:
        assert [list(row.values) for row in rows] == [row for row in table if any(cell.strip() for cell in row)]


def test_the_file_to_mend_goes_in_again_without_our_columns(tmp_path: Path) -> None:
    problem = RowProblem(7, "ends", "31/02", text("no such day"), ("Acme", "31/02"))
    written = "".join(mending_lines(["name", "ends"], [(problem, "no such day")]))
    assert next(csv.reader(written.removeprefix("\ufeff").splitlines()[1:]))[2:] == [
        "7",
        "ends",
        "31/02",
        "no such day",
    ]
    with open_rows(a_file(tmp_path, written)) as rows:
        assert rows.header == ("name", "ends")
        assert list(rows) == [Row(2, ("Acme", "31/02"))]
