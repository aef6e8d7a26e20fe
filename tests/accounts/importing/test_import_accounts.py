"""Rows become accounts: once, by the same rules as by hand, and never two into one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select

from accounts import service as verbs
from accounts.events import AccountsChanged
from accounts.importing import mending, service
from accounts.models import (
    AccessKind,
    Account,
    AccountAccess,
    AccountFact,
    ArrMovement,
    Assignment,
    Contract,
    MovementKind,
    OwnField,
    OwnFieldKind,
    OwnValue,
    Stage,
    Tier,
)
from crm.audit import AuditEntry
from crm.db import Database
from crm.errors import Forbidden
from crm.events import HANDLERS
from crm.identity.models import User
from crm.viewer import Viewer
from tests.accounts.importing.conftest import Bring, account, outcome, reasons
from tests.conftest import TODAY

FULL = (
    "Identifiant;Raison sociale;Site web;Segment;Étape;CSM;CA récurrent;Début;Fin de contrat;Préavis;Licences;Pays\n"
    "C-1;Halden Logistique;https://www.halden.example/;Grand compte;Actif;Ana;184 000,50 €;"
    "01/01/2026;31/03/2027;3 mois;420;Norvège\n"
)


def test_a_row_becomes_an_account_with_all_it_says(session: Session, bring: Bring, ana: Viewer) -> None:
    run = bring(FULL)
    assert outcome(run) == (1, 0, 0, 0)
    made = account(session, "Halden Logistique")
    assert (made.external_id, made.domain, made.country) == ("C-1", "halden.example", "NO")
    assert (made.tier, made.stage, made.seats) == (Tier.ENTERPRISE, Stage.LIVE, 420)
    assert (made.arr_minor, made.currency, made.owner_id) == (18_400_050, "EUR", ana.user_id)
    assert (made.ends_on, made.decides_on) == (date(2027, 3, 31), date(2026, 12, 31))


def _rows_of(session: Session, made: Account) -> dict[str, list[dict[str, Any]]]:
    """All that stands about an account, without ids and instants of writing."""
    dropped = {
        "id",
        "account_id",
        "contract_id",
        "known_at",
        "created_at",
        "name",
        "name_folded",
        "external_id",
        "version",
    }
    dropped |= {"at", "note", "reason"}
    found: dict[str, list[dict[str, Any]]] = {}
    for model in (Assignment, AccountAccess, AccountFact, Contract, ArrMovement, AuditEntry):
        table: type[SQLModel] = model
        rows = session.exec(select(table).where(table.account_id == made.id)).all()  # type: ignore[attr-defined]
        plain = [{key: value for key, value in row.model_dump().items() if key not in dropped} for row in rows]
        for row in plain:
            if "details" in row:
                row["details"] = {k: v for k, v in row["details"].items() if k not in ("name", "contract", "reason")}
        found[model.__name__] = sorted(plain, key=repr)
    plain_account = {key: value for key, value in made.model_dump().items() if key not in dropped}
    return {"Account": [plain_account], **found}


def test_a_new_account_leaves_the_rows_that_the_verbs_leave(session: Session, bring: Bring, ana: Viewer) -> None:
    bring(FULL)
    brought = account(session, "Halden Logistique")

    owner = session.get_one(User, ana.user_id)
    by_hand = verbs.create_account(
        session, ana, name="By hand", tier=Tier.ENTERPRISE, stage=Stage.LIVE, stage_entered_on=date(2026, 1, 1),
        owner=owner, domain="halden.example", seats=420, country="NO",
    )  # fmt: skip
    verbs.add_contract(session, ana, by_hand, starts_on=date(2026, 1, 1), ends_on=date(2027, 3, 31), notice_days=90)
    verbs.move_arr(session, ana, by_hand, MovementKind.NEW, 18_400_050, effective_on=date(2026, 1, 1))
    session.commit()
    session.expire_all()
    assert _rows_of(session, brought) == _rows_of(session, by_hand)


def test_the_same_file_twice_changes_nothing(session: Session, bring: Bring) -> None:
    bring(FULL)
    before = session.exec(select(AuditEntry.id)).all()
    assert outcome(bring(FULL)) == (0, 0, 1, 0)
    after = session.exec(select(AuditEntry.verb).where(col(AuditEntry.id).not_in(before))).all()
    assert after == ["import.started"]


def test_another_file_changes_only_what_is_other(session: Session, bring: Bring, ana: Viewer) -> None:
    bring(FULL)
    run = bring(
        "Identifiant;Raison sociale;Segment;Étape;CA récurrent;Licences\n"
        "C-1;Halden Logistics;ETI;Renouvellement;200 000 €;500\n"
    )
    assert outcome(run) == (0, 1, 0, 0)
    changed = account(session, "Halden Logistics")
    assert (changed.tier, changed.stage, changed.seats, changed.arr_minor) == (
        Tier.MID,
        Stage.RENEWING,
        500,
        20_000_000,
    )
    assert changed.domain == "halden.example"  # the file does not speak of it
    movements = session.exec(select(ArrMovement).order_by(col(ArrMovement.id))).all()
    assert [(one.kind, one.amount_minor) for one in movements] == [
        (MovementKind.NEW, 18_400_050),
        (MovementKind.EXPANSION, 1_599_950),
    ]


def test_an_empty_cell_changes_nothing(session: Session, bring: Bring) -> None:
    bring(FULL)
    assert outcome(bring("Identifiant;Raison sociale;Segment;CA récurrent;Fin de contrat\nC-1;;;-;n/a\n")) == (
        0,
        0,
        1,
        0,
    )
    assert account(session, "Halden Logistique").arr_minor == 18_400_050


def test_a_later_end_is_the_next_term_and_a_small_shift_a_correction(session: Session, bring: Bring) -> None:
    bring(FULL)
    bring("Identifiant;Fin de contrat\nC-1;05/04/2027\n")
    bring("Identifiant;Fin de contrat\nC-1;05/04/2028\n")
    terms = session.exec(select(Contract).order_by(col(Contract.id))).all()
    assert [(term.starts_on, term.ends_on, term.closed_at is None) for term in terms] == [
        (date(2026, 1, 1), date(2027, 3, 31), False),
        (date(2026, 1, 1), date(2027, 4, 5), False),
        (date(2027, 4, 5), date(2028, 4, 5), True),
    ]
    assert account(session, "Halden Logistique").ends_on == date(2028, 4, 5)


def test_what_a_row_leaves_open_is_assumed_and_said(session: Session, look_at: Bring, mia: Viewer) -> None:
    from accounts.importing.preview import look

    run = look_at("Name,Renewal date,Owner\nAcme,2027-06-30,\nBeta,,\n", mia)
    said = [str(note) for note in look(session, mia, run).notes]
    assert said == [
        "2 accounts will have no owner yet.",
        "1 contract has no first day: one year before its end is assumed.",
        "1 contract has no notice: 90 days are assumed.",
        "1 row has no day on which the contract ends: no contract is written for it.",
    ]
    service.start(session, mia, run)
    contract = session.exec(select(Contract)).one()
    assert (contract.starts_on, contract.notice_days) == (date(2026, 6, 30), 90)


def test_dates_that_could_be_read_either_way_are_said(session: Session, look_at: Bring, ana: Viewer) -> None:
    from accounts.importing.preview import look

    either = look_at("Client;Fin\nA;03/04/2027\nB;05/06/2027\n")
    settled = look_at("Client;Fin\nA;03/04/2027\nB;25/06/2027\n")
    assert str(look(session, ana, either).notes[0]) == (
        "2 dates could be read either way; they are read with the day first."
    )
    assert not any("either way" in str(note) for note in look(session, ana, settled).notes)


@pytest.mark.parametrize(
    ("cell", "minor"), [("1 000", 1_200_000), ("1 000 €/an", 100_000), ("12,5", 15_000), ("99 €/mois", 118_800)]
)
def test_monthly_revenue_counts_twelve_times(session: Session, bring: Bring, cell: str, minor: int) -> None:
    bring(f"Client;MRR\nAcme;{cell}\n")
    assert account(session, "Acme").arr_minor == minor


def test_a_heading_in_thousands_is_believed(session: Session, bring: Bring) -> None:
    bring("Client;ARR (k€)\nAcme;184\nBeta;12,5\n")
    assert account(session, "Acme").arr_minor == 18_400_000
    assert account(session, "Beta").arr_minor == 1_250_000


def test_money_of_another_currency_is_not_added_to_what_is_there(session: Session, bring: Bring) -> None:
    bring("Client;ARR\nAcme;100 €\n")
    run = bring("Client;ARR\nAcme;$100\n")
    assert outcome(run) == (0, 0, 0, 1)
    assert reasons(session, run) == [(2, "ARR", "Acme is kept in EUR and this row says USD; mend one of the two.")]
    assert account(session, "Acme").arr_minor == 10_000


def test_an_account_that_churned_is_worth_nothing_any_more(session: Session, bring: Bring) -> None:
    bring("Client;Étape;ARR\nAcme;Actif;100 €\nGone;Résilié;500 €\n")
    assert account(session, "Gone").arr_minor == 0
    run = bring("Client;Étape;ARR\nAcme;Résilié;100 €\n")
    assert outcome(run) == (0, 1, 0, 0)
    assert account(session, "Acme").arr_minor == 0
    last = session.exec(select(ArrMovement).order_by(col(ArrMovement.id).desc())).first()
    assert last is not None
    assert last.kind is MovementKind.CHURN
    assert outcome(bring("Client;Étape;ARR\nAcme;Résilié;100 €\n")) == (0, 0, 1, 0)


# --- which account a row means ---------------------------------------------------------------------------------------


@pytest.fixture
def known(session: Session, make_account: Callable[..., Account]) -> dict[str, Account]:
    return {
        "acme": make_account("Acme", external_id="A-1", domain="acme.example", name_folded="acme"),
        "beta": make_account("Bêta SA", external_id="B-1", name_folded="beta sa"),
        "nord": make_account("Nord", domain="group.example", name_folded="nord"),
        "sud": make_account("Sud", domain="group.example", name_folded="sud"),
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("A-1,Acme,acme.example", (0, 0, 1, 0)),
        ("A-1,,", (0, 0, 1, 0)),
        (",ACME,", (0, 0, 1, 0)),
        (",beta  sa,", (0, 0, 1, 0)),
        (",,acme.example", (0, 0, 1, 0)),
        (",Nord,group.example", (0, 0, 1, 0)),
        ("X-9,Acme,", (1, 0, 0, 0)),  # another identifier: another company of the same name
        ("X-9,Acme branch,acme.example", (1, 0, 0, 0)),
        ("N-1,Nord,", (0, 1, 0, 0)),  # it had no identifier yet
    ],
)
def test_a_row_finds_its_account(
    bring: Bring, known: dict[str, Account], row: str, expected: tuple[int, int, int, int]
) -> None:
    assert outcome(bring(f"Identifier,Name,Website\n{row}\n")) == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("B-1,,acme.example", None),  # Acme has an identifier of its own, so only the website is other
        (",Nord,acme.example", "This row means two accounts at once: “Acme” and “Nord”."),
        ("B-1,Sud,", "This row means two accounts at once: “Bêta SA” and “Sud”."),
        (",,group.example", "2 accounts have the website group.example; add an identifier or the exact name."),
        (",Nowhere,group.example", "2 accounts have the website group.example; add an identifier or the exact name."),
        (
            ",Acme,other.example",
            "“Acme” is already here with the website acme.example; if both are one, add its identifier.",
        ),
        (",,unknown.example", "No such account is here, and a new one needs a name."),
    ],
)
def test_a_row_that_means_two_accounts_is_never_settled_silently(
    session: Session, bring: Bring, known: dict[str, Account], row: str, reason: str | None
) -> None:
    run = bring(f"Identifier,Name,Website\n{row}\n")
    if reason is None:
        assert outcome(run) == (0, 1, 0, 0)
        return
    assert [why for _line, _column, why in reasons(session, run)] == [reason]
    assert outcome(run) == (0, 0, 0, 1)


def test_two_lines_about_one_account_do_not_overwrite_each_other(session: Session, bring: Bring) -> None:
    run = bring("Client;Licences\nAcme;10\nBeta;5\nAcme;10\nACME;20\n")
    assert outcome(run) == (2, 0, 1, 1)
    assert reasons(session, run) == [(5, "Client", "Line 2 already speaks of Acme, and says something else.")]
    assert account(session, "Acme").seats == 10


def test_the_dry_run_says_what_the_import_does(
    session: Session, look_at: Bring, known: dict[str, Account], ana: Viewer
) -> None:
    from accounts.importing.preview import look

    text = (
        "Identifier,Name,Seats,Notes\nA-1,Acme,7,x\nA-1,Acme,7,x\n,New one,3,\n,New one,4,\n,Nord,nine,\n,Bêta SA,,\n"
    )
    run = look_at(text)
    preview = look(session, ana, run)
    service.start(session, ana, run)
    assert preview.counts == run.counts == {"new": 1, "updated": 1, "unchanged": 2, "rejected": 2, "rows": 6}


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_a_relationship_manager_owns_what_they_bring_when_no_column_says_otherwise(
    session: Session, bring: Bring, ana: Viewer, mia: Viewer
) -> None:
    bring("Client\nAcme\n", ana)
    bring("Client\nBeta\n", mia)
    mine = account(session, "Acme")
    assert (mine.owner_id, mine.team_id) == (ana.user_id, ana.team_id)
    access = session.exec(select(AccountAccess).where(col(AccountAccess.account_id) == mine.id)).one()
    assert (access.user_id, access.kind, access.from_on) == (ana.user_id, AccessKind.OWNER, TODAY)
    assert account(session, "Beta").owner_id is None


def test_an_unknown_owner_leaves_the_row_to_mend(session: Session, bring: Bring, ana: Viewer) -> None:
    run = bring("Client;CSM\nAcme;Dupont\nBeta;Ana\n")
    assert outcome(run) == (1, 0, 0, 1)
    assert reasons(session, run) == [
        (2, "CSM", "Nobody here is called “Dupont”; write a name or e-mail address of a colleague.")
    ]


def test_what_is_not_theirs_is_not_changed_by_a_file_either(
    session: Session, bring: Bring, make_account: Callable[..., Account], ana: Viewer, zoe: Viewer
) -> None:
    make_account("Hers", owner=zoe, seats=5, name_folded="hers")
    run = bring("Client;Licences\nHers;9\nMine;3\n", ana)
    assert outcome(run) == (1, 0, 0, 1)
    assert reasons(session, run) == [(2, "", "Hers belongs to Zoe Marchand; ask them or their manager.")]
    assert account(session, "Hers").seats == 5
    assert outcome(bring("Client;Licences\nHers;5\n", ana)) == (0, 0, 1, 0)  # saying what is so is no change


@pytest.mark.settings(books="own")
def test_an_account_out_of_sight_is_neither_doubled_nor_told_of(
    session: Session, bring: Bring, make_account: Callable[..., Account], ana: Viewer, zoe: Viewer
) -> None:
    make_account("Hers", owner=zoe, seats=5, name_folded="hers", domain="hers.example")
    run = bring("Client;Licences\nHers;9\n", ana)
    assert reasons(session, run) == [
        (2, "", "This account is already here, in other hands; ask a manager or an administrator.")
    ]
    assert len(session.exec(select(Account)).all()) == 1


def test_a_manager_hands_over_accounts_of_the_team(
    session: Session, bring: Bring, acme: Account, ana: Viewer, ben: Viewer, mia: Viewer, zoe: Viewer
) -> None:
    assert outcome(bring("Client;CSM\nAcme;Ben Okafor\n", mia)) == (0, 1, 0, 0)
    assert account(session, "Acme").owner_id == ben.user_id
    run = bring("Client;CSM\nAcme;Zoe\n", ana)  # no longer hers, and never hers to give away
    assert outcome(run) == (0, 0, 0, 1)


def test_who_may_not_import_is_told_whom_to_ask(session: Session, look_at: Bring, agent: Viewer) -> None:
    with pytest.raises(Forbidden, match="ask a manager or an administrator"):
        look_at("Client\nAcme\n", agent)
    assert session.exec(select(Account)).all() == []


# --- own fields ------------------------------------------------------------------------------------------------------


def test_columns_we_have_no_name_for_are_kept(session: Session, bring: Bring) -> None:
    rows = "".join(
        f"Acme {n};{'Oui' if n % 2 else 'Non'};{n * 10},5;0{n}/02/2026;note {n};{n} k€;{'Nord' if n % 2 else 'Sud'}\n"
        for n in range(1, 9)
    )
    run = bring("Client;Référence ?;NPS;Dernier audit;Commentaire;Budget formation;Région\n" + rows)
    assert outcome(run) == (8, 0, 0, 0)
    fields = {own.title: own for own in session.exec(select(OwnField))}
    assert {title: own.kind for title, own in fields.items()} == {
        "Référence ?": OwnFieldKind.YES_NO,
        "NPS": OwnFieldKind.NUMBER,
        "Dernier audit": OwnFieldKind.DATE,
        "Commentaire": OwnFieldKind.TEXT,
        "Budget formation": OwnFieldKind.MONEY,
        "Région": OwnFieldKind.CHOICE,
    }
    assert fields["Région"].choices == ["Nord", "Sud"]
    first = account(session, "Acme 1")
    values = {
        value.field_id: value for value in session.exec(select(OwnValue).where(col(OwnValue.account_id) == first.id))
    }
    assert values[fields["NPS"].id].number == 10.5
    assert (values[fields["Référence ?"].id].text, values[fields["Référence ?"].id].number) == ("yes", 1.0)
    kept = values[fields["Budget formation"].id]
    assert (kept.text, kept.amount_minor, kept.currency) == ("1 k€", 100_000, "EUR")
    assert values[fields["Dernier audit"].id].day == date(2026, 2, 1)
    assert values[fields["Commentaire"].id].text == "note 1"


def test_a_field_keeps_its_kind_and_nothing_is_lost(session: Session, bring: Bring) -> None:
    bring("Client;NPS\nAcme;1\nBeta;2\n")
    run = bring("Client;NPS\nAcme;très bien\nBeta;2\n")
    assert outcome(run) == (0, 1, 1, 0)
    value = session.exec(select(OwnValue).where(col(OwnValue.account_id) == account(session, "Acme").id)).one()
    assert (value.text, value.number) == ("très bien", None)


def test_equal_headings_become_two_fields(session: Session, bring: Bring) -> None:
    bring("Client;Note;Note\nAcme;a;b\n")
    assert {own.key for own in session.exec(select(OwnField))} == {"note", "note 2"}
    assert {value.text for value in session.exec(select(OwnValue))} == {"a", "b"}


# --- what cannot be taken --------------------------------------------------------------------------------------------

BAD = (
    "Client;Fin de contrat;ARR;Commentaire\n"
    "Acme;31/02/2027;100;=cmd|' /C calc'!A0\n"
    "Beta;31/03/2027;beaucoup;+33 1\n"
    "Gamma;31/03/2027;300;ok\n"
    "Total;;400;\n"
    ";31/03/2027;1;\n"
    "Delta;31/03/2027;5;ok;trop;de;cellules\n"
)


def test_bad_rows_never_stop_good_ones(session: Session, bring: Bring) -> None:
    run = bring(BAD)
    assert outcome(run) == (1, 0, 0, 5)
    assert reasons(session, run) == [
        (2, "Fin de contrat", "“31/02/2027” is not a date."),
        (3, "ARR", "“beaucoup” is not an amount."),
        (5, "Client", "This looks like a line of totals."),
        (6, "Client", "This row names no account."),
        (7, "", "This row has more cells than there are columns; is a separator inside a cell?"),
    ]
    assert [one.name for one in session.exec(select(Account))] == ["Gamma"]


def test_the_mended_file_goes_in_and_only_its_rows_change(session: Session, bring: Bring) -> None:
    from zoneinfo import ZoneInfo

    from crm import clock
    from crm.i18n.write import Writer

    write = Writer("en", ZoneInfo("Europe/Paris"), clock.now())
    run = bring(BAD)
    file = "".join(mending.file_to_mend(session, run, write))
    again = bring(file)
    assert outcome(again) == (0, 0, 0, 5)  # nothing mended: the same five, told the same way
    assert [why for _line, _column, why in reasons(session, again)][:2] == [
        "“31/02/2027” is not a date.",
        "“beaucoup” is not an amount.",
    ]
    mended = file.replace('"31/02/2027"', '"28/02/2027"', 1).replace('"beaucoup"', '"200"', 1)
    assert outcome(bring(mended)) == (2, 0, 0, 3)
    values = {value.text for value in session.exec(select(OwnValue))}
    assert {
        "=cmd|' /C calc'!A0",
        "+33 1",
    } <= values  # as they were written, not as a spreadsheet is kept from running them


def test_choices_for_words_are_followed_and_remembered(
    session: Session, look_at: Bring, bring: Bring, ana: Viewer
) -> None:
    from dataclasses import replace

    text = "Client;Tier;CSM\nAcme;Lyon;Dupont\n"
    run = look_at(text)
    mapping = service.mapping_of(run)
    mapping = replace(mapping, words={"tier": {"lyon": "enterprise"}, "owner": {"dupont": str(ana.user_id)}})
    service.change_mapping(session, run, mapping, service.source_of(run))
    service.start(session, ana, run)
    assert outcome(run) == (1, 0, 0, 0)
    assert account(session, "Acme").tier is Tier.ENTERPRISE
    assert outcome(bring("Client;Tier;CSM\nBeta;Lyon;Dupont\n")) == (1, 0, 0, 0)


def test_an_import_is_told_once_a_chunk(session: Session, database: Database, bring: Bring) -> None:
    told: list[tuple[int, ...]] = []
    session.info[HANDLERS] = {AccountsChanged: [lambda _session, fact: told.append(fact.account_ids)]}
    bring("Client;ARR;Note\n" + "".join(f"Account {n};{n};x{n}\n" for n in range(30)))
    assert len(told) == 1
    assert len(told[0]) == 30


def test_a_chunk_takes_as_many_statements_for_few_rows_as_for_many(
    session: Session, look_at: Bring, ana: Viewer, database: Database
) -> None:
    from sqlalchemy import event

    def statements(first: int, rows: int) -> int:
        text = "Client;ARR;Fin;Note\n" + "".join(f"N {first + n};1;31/03/2027;x{n}\n" for n in range(rows))
        run = look_at(text)
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            service.start(session, ana, run)
            session.commit()
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        assert outcome(run) == (rows, 0, 0, 0)
        return len(seen)

    statements(0, 2)
    assert statements(100, 400) <= statements(1000, 4) + 2
