"""The pages: choose, look, settle, carry out, mend; with a keyboard and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.importing import service
from accounts.models import Account, OwnField, Tier
from crm.csv_io import ImportRun, ImportState
from crm.jobs import JobState, QueuedJob
from crm.viewer import Viewer
from tests.accounts.importing.conftest import account

FILE = (
    "Raison sociale;Segment;CSM;CA récurrent;Fin de contrat;Référence\n"
    "Halden;Gold;Ana;184 000 €;03/04/2027;Oui\n"
    "Corvin;Argent;Dupont;12k€;25/12/2027;Non\n"
    "Bad;PME;Ana;beaucoup;31/02/2027;Oui\n"
)


class FormFields(HTMLParser):
    """What a browser without JavaScript would send of the form ``import-form``."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = False
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = values.get("id") == "import-form"
        elif tag == "input" and self._inside and "name" in values:
            self.fields[values["name"]] = values.get("value", "")
        elif tag == "select" and self._inside:
            self._select = values["name"]
        elif tag == "option" and self._select and (self._select not in self.fields or "selected" in values):
            self.fields[self._select] = values["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


def upload(browser: TestClient, content: str | bytes = FILE, **values: str) -> str:
    """Send the file; the path of its preview."""
    answer = browser.post("/import", files={"file": ("clients.csv", content)}, data={"kind": "guess", **values})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def read(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_first_page_asks_for_a_file_and_offers_samples(as_ana: TestClient) -> None:
    page = as_ana.get("/import")
    assert page.status_code == 200
    assert 'enctype="multipart/form-data"' in page.text
    for address in re.findall(r'href="(/static/[^"]+\.csv)"', page.text):
        assert as_ana.get(address).status_code == 200


def test_without_a_file_the_form_comes_back_with_a_sentence(as_ana: TestClient) -> None:
    answer = as_ana.post("/import", data={"kind": "contacts"})
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert re.search(r'value="contacts"[^>]*checked', answer.text)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04workbook", b"\x1f\x8bbroken"])
def test_a_file_that_is_no_table_is_refused_in_words(as_ana: TestClient, session: Session, content: bytes) -> None:
    answer = as_ana.post("/import", files={"file": ("x.csv", content)}, data={"kind": "guess"})
    assert answer.status_code == 422
    assert "field__error" in answer.text
    assert session.exec(select(ImportRun)).all() == []


def test_a_look_shows_what_would_become_and_writes_nothing(as_ana: TestClient, session: Session) -> None:
    page = as_ana.get(upload(as_ana)).text
    shown = read(page)
    assert "1 new" in shown.replace(" ", " ")
    assert "€184,000" in page
    assert "“beaucoup” is not an amount." in shown
    assert "“31/02/2027” is not a date." in shown
    assert "own field: text" in page
    assert session.exec(select(Account)).all() == []


def test_from_the_look_to_the_result_without_javascript(as_ana: TestClient, session: Session, ana: Viewer) -> None:
    path = upload(as_ana)
    fields = FormFields(as_ana.get(path).text).fields
    assert fields["word.tier.argent"] == "mid"
    assert fields["word.owner.dupont"] == ""
    fields |= {"word.owner.dupont": str(ana.user_id), "word.tier.argent": "low_touch", "column.5": "out"}

    settled = as_ana.post(f"{path}/columns", data=fields)
    assert (settled.status_code, settled.headers["location"]) == (303, path)
    again = FormFields(as_ana.get(path).text).fields
    assert again == fields

    started = as_ana.post(f"{path}/start", data=again)
    assert (started.status_code, started.headers["location"]) == (303, path)
    result = read(as_ana.get(path).text)
    assert "“beaucoup” is not an amount." in result
    corvin = account(session, "Corvin")
    assert (corvin.owner_id, corvin.tier, corvin.arr_minor) == (ana.user_id, Tier.LOW_TOUCH, 1_200_000)
    assert session.exec(select(OwnField)).all() == []
    assert not list(service.uploads_folder().iterdir())

    fields_of_next = FormFields(as_ana.get(upload(as_ana)).text).fields
    assert fields_of_next["column.5"] == "out"  # remembered for the same headings
    assert fields_of_next["word.owner.dupont"] == str(ana.user_id)


def test_what_is_seen_is_what_is_carried_out(as_ana: TestClient, session: Session) -> None:
    path = upload(as_ana, "Client;Fin\nAcme;03/04/2027\n")
    fields = FormFields(as_ana.get(path).text).fields
    as_ana.post(f"{path}/start", data=fields | {"day_order": "mdy"})  # changed in the very form that starts it
    assert str(account(session, "Acme").ends_on) == "2027-03-04"


def test_htmx_gets_the_part_and_a_browser_the_page(as_ana: TestClient) -> None:
    path = upload(as_ana)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    part = as_ana.post(f"{path}/columns", data={"column.0": "out"}, headers=headers)
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<form id="import-form"')
    assert "Say which column holds the account" in part.text
    refused = as_ana.post(f"{path}/start", data={})
    assert refused.status_code == 422
    assert "Say which column holds the account" in refused.text


def test_another_separator_or_kind_reads_the_file_anew(as_ana: TestClient) -> None:
    path = upload(as_ana, "Name,E-mail;Account\nIris,iris@x.example;Acme\n")
    first = FormFields(as_ana.get(path).text).fields
    other = "," if first["delimiter"] == ";" else ";"
    as_ana.post(f"{path}/columns", data=first | {"delimiter": other})
    changed = FormFields(as_ana.get(path).text).fields
    assert changed["delimiter"] == other
    as_ana.post(f"{path}/columns", data=changed | {"kind": "contacts"})
    assert FormFields(as_ana.get(path).text).fields["kind"] == "contacts"


@pytest.mark.parametrize(
    "sent",
    [
        {"column.0": "nonsense", "column.1": "own:nonsense", "column.9": "name"},
        {"word.tier.gold": "nonsense", "word.nothing.x": "y", "word.": "z", "word.owner.ana": "99999999999999999999"},
        {
            "day_order": "x",
            "decimal": "x",
            "currency": "gold",
            "encoding": "rot13",
            "delimiter": "xx",
            "kind": "people",
        },
        {"column.0": "name", "column.1": "name"},
        {"encoding": "utf-16"},
    ],
)
def test_no_form_can_break_the_look(as_ana: TestClient, sent: dict[str, str]) -> None:
    path = upload(as_ana)
    assert as_ana.post(f"{path}/columns", data=sent).status_code in (303, 422)
    assert as_ana.get(path).status_code == 200


def test_the_rows_to_mend_come_as_a_file(as_ana: TestClient) -> None:
    path = upload(as_ana)
    as_ana.post(f"{path}/start", data=FormFields(as_ana.get(path).text).fields)
    answer = as_ana.get(f"{path}/mend.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "clients%20-%20to%20mend.csv" in answer.headers["content-disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].endswith('"tenure_line";"tenure_column";"tenure_value";"tenure_reason"')
    assert len(lines) == 3
    assert "is not an amount. “31/02/2027” is not a date." in lines[2]


def test_carried_out_twice_is_refused(as_ana: TestClient) -> None:
    path = upload(as_ana, "Client\nAcme\n")
    as_ana.post(f"{path}/start", data={})
    assert as_ana.post(f"{path}/start", data={}).status_code == 409
    assert as_ana.post(f"{path}/columns", data={}).status_code == 409
    assert as_ana.post(f"{path}/removal").status_code == 409


def test_a_stopped_import_says_so_and_goes_on(
    as_ana: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    path = upload(as_ana)
    as_ana.post(f"{path}/start", data=FormFields(as_ana.get(path).text).fields)
    job = session.exec(select(QueuedJob)).one()
    job.state, job.error = JobState.FAILED, "The disk is full."
    session.commit()
    page = as_ana.get(path).text
    assert "The import stopped." in page
    assert "The disk is full." in page
    assert "stopped" in read(as_ana.get("/import").text)
    assert as_ana.post(f"{path}/again").headers["location"] == path
    session.expire_all()
    assert session.exec(select(QueuedJob.state)).one() is JobState.WAITING


def test_a_file_that_is_gone_is_said(as_ana: TestClient) -> None:
    path = upload(as_ana)
    for kept in service.uploads_folder().iterdir():
        kept.unlink()
    answer = as_ana.get(path)
    assert answer.status_code == 422
    assert "The file is no longer here. Please choose it once more." in answer.text


def test_a_novel_in_a_cell_stays_short_on_the_page(as_ana: TestClient) -> None:
    novel = "word " * 50_000
    path = upload(as_ana, f"Client;Tier;ARR;Note\nAcme;{novel};{novel};{novel}\n")
    assert len(as_ana.get(path).text) < 60_000
    as_ana.post(f"{path}/start", data=FormFields(as_ana.get(path).text).fields)
    assert len(as_ana.get(path).text) < 40_000


def test_a_look_can_be_dropped(as_ana: TestClient, session: Session) -> None:
    path = upload(as_ana)
    assert as_ana.post(f"{path}/removal").headers["location"] == "/import"
    assert as_ana.get(path).status_code == 404
    assert not list(service.uploads_folder().iterdir())


def test_a_large_file_shows_its_progress(as_ana: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    path = upload(as_ana)
    as_ana.post(f"{path}/start", data=FormFields(as_ana.get(path).text).fields)
    page = as_ana.get(path).text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'hx-get="{path}"' in page
    assert session.exec(select(QueuedJob.name)).all() == ["accounts.import"]
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert as_ana.get(path, headers=headers).text.lstrip().startswith('<div id="import-progress"')
    session.exec(select(ImportRun)).one().state = ImportState.DONE
    session.commit()
    assert as_ana.get(path, headers=headers).headers["HX-Redirect"] == path


@pytest.mark.parametrize("who", ["as_agent", "as_sales", "as_specialist", "as_exec"])
def test_who_may_not_import_is_told_whom_to_ask(request: pytest.FixtureRequest, session: Session, who: str) -> None:
    browser: TestClient = request.getfixturevalue(who)
    for answer in (browser.get("/import"), browser.post("/import", files={"file": ("a.csv", "Client\nAcme\n")})):
        assert answer.status_code == 403
        assert "Please ask a manager or an administrator." in answer.text
    assert session.exec(select(ImportRun)).all() == []
    assert 'href="/import"' not in browser.get("/accounts").text


def test_an_import_is_opened_by_who_brought_it_and_by_administrators(
    as_ana: TestClient, as_ben: TestClient, as_mia: TestClient, as_admin: TestClient
) -> None:
    path = upload(as_ana)
    for browser in (as_ben, as_mia):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}/start", data={}).status_code == 404
        assert browser.get(f"{path}/mend.csv").status_code == 404
        assert "clients.csv" not in browser.get("/import").text
    assert as_admin.get(path).status_code == 200
    as_ana.post(f"{path}/start", data={})
    listed = as_ben.get("/import").text
    assert "clients.csv" in listed
    assert f'href="{path}"' not in listed


def test_names_and_cells_cannot_carry_markup(as_ana: TestClient) -> None:
    evil = "<img src=x onerror=alert(1)>"
    answer = as_ana.post(
        "/import",
        files={"file": (f"../..\\{evil}.csv", f'Client;"{evil}";Tier\n"{evil}";"{evil}";"{evil}"\n')},
        data={"kind": "guess"},
    )
    path = answer.headers["location"]
    assert evil not in as_ana.get(path).text
    as_ana.post(f"{path}/start", data={"word.tier." + evil: "mid"})
    assert evil not in as_ana.get(path).text
    assert evil not in as_ana.get("/import").text


def test_the_look_takes_as_many_statements_for_few_rows_as_for_many(
    as_ana: TestClient, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    def rows(n: int) -> str:
        return "Client;ARR;Fin;Note\n" + "".join(f"N {number};1;31/03/2027;x\n" for number in range(n))

    few, many = upload(as_ana, rows(3)), upload(as_ana, rows(400))
    as_ana.get(few)
    assert count_queries(lambda: as_ana.get(few)) == count_queries(lambda: as_ana.get(many))


def test_french_readers_get_french_amounts(
    sign_in: Callable[..., TestClient], make_person: Callable[..., Viewer]
) -> None:
    from crm.viewer import Role

    luc = make_person("Luc Roy", Role.RELATIONSHIP_MANAGER, "North", language="fr")
    browser = sign_in(luc)
    page = browser.get(upload(browser)).text
    assert "184\u202f000\u00a0€" in page
    assert "3 avril 2027" in page
