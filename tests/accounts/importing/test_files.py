"""Files as spreadsheets write them; whatever the bytes, rows or a sentence come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from sqlmodel import Session, col, select

from accounts.importing import service
from accounts.importing.files import UnreadableFile, open_source
from accounts.importing.preview import look
from accounts.models import Account, OwnField
from crm.config import ROOT
from crm.viewer import Viewer
from tests.accounts.importing.conftest import Bring, outcome

TABLE = "Raison sociale;Échéance;ARR\nÉtablissements Café;31/03/2027;1 234,50 €\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "mac_roman"])
def test_usual_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((TABLE * 3).encode(encoding))
    source = open_source(path)
    assert source.headings == ("Raison sociale", "Échéance", "ARR")
    assert next(source.rows()) == (2, ("Établissements Café", "31/03/2027", "1 234,50 €"))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_usual_separators_are_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Client{delimiter}ARR\nAcme{delimiter}1\nBeta{delimiter}2\n", "utf-8")
    assert (open_source(path).delimiter, open_source(path).headings) == (delimiter, ("Client", "ARR"))


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("", 1),
        ("Portefeuille clients;;;\n;;;\n", 3),
        ("sep=;\n", 2),
        ("\n\nExport du 23/11/2026\n", 4),
        ("Confidentiel;;;édité par Mia\n", 2),
    ],
)
def test_headings_are_found_below_a_title(tmp_path: Path, above: str, line: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text(above + "Client;CSM;Fin de contrat;ARR\nAcme;Ana;31/03/2027;1\nBeta;Ben;;2\n", "utf-8")
    source = open_source(path)
    assert (source.header_line, source.headings) == (line, ("Client", "CSM", "Fin de contrat", "ARR"))
    assert [cells[0] for _line, cells in source.rows()] == ["Acme", "Beta"]


def test_empty_headings_at_the_end_are_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Client;ARR;;;\nAcme;1;;;\n", "utf-8")
    assert open_source(path).headings == ("Client", "ARR")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04 a workbook", "not CSV"),
        (b"\n\n;;;\n", "no header line"),
        (";".join(f"column {n}" for n in range(300)).encode(), "The file has 300 columns; 200 are the most."),
    ],
)
def test_what_is_no_table_is_said(session: Session, look_at: Bring, content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        look_at(content)
    assert list(service.uploads_folder().iterdir()) == []  # nothing is left lying about


@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_own_samples_go_in_as_they_are(session: Session, bring: Bring, language: str, mia: Viewer) -> None:
    samples = ROOT / "crm" / "static" / "samples"
    assert outcome(bring((samples / f"accounts.{language}.csv").read_bytes(), mia)) == (4, 0, 0, 0)
    assert outcome(bring((samples / f"contacts.{language}.csv").read_bytes(), mia)) == (4, 0, 0, 0)
    kept = {"en": ["Reference customer", "Notes"], "fr": ["Client référence", "Commentaires"]}[language]
    assert [own.title for own in session.exec(select(OwnField).order_by(col(OwnField.position)))] == kept


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(content=st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_rows_or_a_sentence(session: Session, look_at: Bring, ana: Viewer, content: bytes) -> None:
    try:
        run = look_at(content)
    except UnreadableFile:
        return
    preview = look(session, ana, run)
    assert preview.refusal or preview.checked == preview.rows


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "=1+1",
        "+33 1",
        "-12",
        "@x",
        "'=1",
        "\t=1",
        "=cmd|' /C calc'!A0",
        "1 234,50 €",
        "31/02/2027",
        "3/4/25",
        "\ufeff=1",
    ]
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=4))
def test_any_cells_are_taken_or_told(
    session: Session, bring: Bring, make_account: Callable[..., Account], mia: Viewer, rows: list[list[str]]
) -> None:
    from crm.csv_io import csv_lines

    header = ["Client", "ARR", "Fin de contrat", "Préavis", "Licences", "Commentaire"]
    run = bring("".join(csv_lines(header, rows)), mia)
    again = bring("".join(csv_lines(header, rows)), mia)
    assert outcome(again)[:2] == (0, 0)
    assert sum(outcome(again)) == sum(outcome(run))
