"""Spreadsheets of 300 accounts as teams keep them, each with its truth; seeded, so that every run sees the same."""

from __future__ import annotations

import csv
import io
import zlib
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from tests.accounts.importing import _book as book
from tests.accounts.importing._book import Company, Person

Write = Callable[[Company, Random], str]
OWNERS = ("Ana Duarte", "Ben Okafor", "Zoe Marchand", "Marie Blanc", "Marie Noir")
NOTHING = ("-", "n/a", "?", "n.c.")
UNREADABLE = {"ends_on": "à voir", "arr": "sur devis", "mrr": "gratuit ?", "starts_on": "31/02/26"}


@dataclass(frozen=True)
class Column:
    """``key``: a typed field, ``people`` or ``own``. ``people``: whose words the cell holds."""

    heading: str
    key: str
    write: Write
    people: Callable[[Company], Sequence[Person]] = lambda _company: ()


@dataclass
class Sheet:
    """``companies``, ``cells`` by the line on which the row begins; ``never``: lines that are no account."""

    name: str
    columns: tuple[Column, ...]
    encoding: str = "utf-8"
    delimiter: str = ";"
    header_line: int = 1
    settle: dict[str, str] = field(default_factory=dict)  # words that are asked, and whom or what they mean
    asked: tuple[str, ...] = ()
    companies: dict[int, Company] = field(default_factory=dict)
    cells: dict[int, list[str]] = field(default_factory=dict)
    unreadable: dict[int, tuple[str, str]] = field(default_factory=dict)  # line → heading, cell
    never: list[int] = field(default_factory=list)
    _out: io.StringIO = field(default_factory=lambda: io.StringIO(newline=""))

    @property
    def content(self) -> bytes:
        return self._out.getvalue().encode(self.encoding)

    def line(self, *cells: str) -> int:
        at = self._out.getvalue().count("\n") + 1
        csv.writer(self._out, delimiter=self.delimiter, lineterminator="\r\n").writerow(cells)
        return at

    def wide(self, *cells: str) -> int:
        """As spreadsheets write a short row: filled up to the width of the sheet."""
        return self.line(*cells, *[""] * (len(self.columns) - len(cells)))

    def foot(self, *cells: str) -> None:
        self.never.append(self.wide(*cells))

    def fill(self, companies: Sequence[Company], rng: Random) -> None:
        for company in companies:
            cells = [column.write(company, rng) for column in self.columns]
            spoilt = None
            for place, column in enumerate(self.columns):
                if column.key in UNREADABLE and cells[place]:
                    chance = rng.random()
                    if chance < 0.02:
                        cells[place] = rng.choice(NOTHING)
                    elif chance < 0.03 and spoilt is None:
                        cells[place] = UNREADABLE[column.key]
                        spoilt = (column.heading, cells[place])
            at = self.line(*cells)
            self.companies[at], self.cells[at] = company, cells
            if spoilt:
                self.unreadable[at] = spoilt


def _one(*writers: Callable[..., str]) -> Callable[[object, Random], str]:
    return lambda value, rng: str(rng.choice(writers)(value))


def _day(key: str, *writers: Callable[..., str]) -> Write:
    return lambda company, rng: str(rng.choice(writers)(getattr(company, key)))


def _arr(*writers: Callable[[int], str]) -> Write:
    return lambda company, rng: rng.choice(writers)(company.arr)


def _name(company: Company, rng: Random) -> str:
    return company.name


def _owner(write: Callable[[str], str]) -> Write:
    return lambda company, rng: write(company.owner)


def _word(key: str, **words: str) -> Write:
    return lambda company, rng: words[getattr(company, key)]


def _text(write: Callable[[Company], object]) -> Write:
    return lambda company, rng: str(write(company))


def _person(place: int, part: str) -> Write:
    return lambda company, rng: str(getattr(company.people[place], part)) if place < len(company.people) else ""


def _who(place: int) -> Callable[[Company], Sequence[Person]]:
    return lambda company: company.people[place : place + 1]


def _first_name(name: str) -> str:
    return name.split()[0]


def merged_fr(rng: Random) -> Sheet:
    """A title, blank lines, headings merged over two lines; totals and notes at the foot; Windows' letters."""
    people = [
        Column(heading, "people", _person(place, part), _who(place))
        for place in (0, 1)
        for heading, part in (("Nom", "name"), ("Fonction", "position"), ("E-mail", "email"), ("Tél.", "phone"))
    ]
    sheet = Sheet(
        "portefeuille 2026.csv",
        (
            Column("Raison sociale", "name", _name),
            Column("Resp.", "owner", _owner(_first_name)),
            Column("Niveau", "tier", _word("tier", enterprise="Grand compte", mid="ETI", low_touch="PME")),
            Column("Statut", "stage", _word("stage", onboarding="En déploiement", live="Actif", churned="Résilié")),
            Column("Début", "starts_on", _day("starts_on", book.short)),
            Column("Fin", "ends_on", _day("ends_on", book.short)),
            Column("Préavis", "notice", _text(lambda company: f"{company.notice_months} mois")),
            Column("Montant annuel", "arr", _arr(book.spaced, book.euros, book.thousands)),
            *people,
            Column("Référence", "own", _text(lambda company: "O" if company.reference else "N")),
            Column("Remise", "own", _text(lambda company: f"{company.discount} %")),
            Column("Commentaire", "own", _text(lambda company: company.comment)),
        ),
        encoding="cp1252",
        settle={"marie": "Marie Blanc"},
        asked=("Marie",),
    )
    sheet.wide("PORTEFEUILLE CLIENTS – novembre 2026")
    sheet.wide()
    sheet.wide("Client", "", "", "", "Contrat", "", "", "", "Contact principal", "", "", "",
               "Autre contact", "", "", "", "Divers", "", "")  # fmt: skip
    sheet.header_line = sheet.line(*[column.heading for column in sheet.columns])
    companies = [
        company if company.owner != "Marie Noir" else company.__class__(**{**company.__dict__, "owner": "Marie Blanc"})
        for company in book.companies(rng, OWNERS)
    ]
    sheet.fill(companies, rng)
    total = sum(company.arr for company in companies)
    sheet.foot("TOTAL", "", "", "", "", "", "", book.euros(total))
    sheet.foot("Nombre de clients : 300")
    sheet.wide()
    sheet.foot("* montants hors taxes, hors options ; mis à jour par Ana le 20/11")
    return sheet


def stacked_fr(rng: Random) -> Sheet:
    """Headings of which some stand over both lines; every way to write a day; several people in one cell
    and one telephone, which may be of any of them."""

    def all_of(company: Company, rng: Random) -> str:
        return "; ".join(rng.choice((book.mailbox, book.named_and_mailed))(person) for person in company.people)

    days = (book.short, book.dotted, book.in_words, book.serial)
    sheet = Sheet(
        "Suivi clients CSM.csv",
        (
            Column("Société", "name", _name),
            Column("CSM", "owner", _owner(book.initials)),
            Column("Segment", "tier", _word("tier", enterprise="Gold", mid="Silver", low_touch="Bronze")),
            Column("Contacts", "people", all_of, lambda company: company.people),
            Column("Tél.", "people", _person(0, "phone"), _who(0)),
            Column("Début", "starts_on", _day("starts_on", *days)),
            Column("Échéance", "ends_on", _day("ends_on", *days)),
            Column("ARR (k€)", "arr", lambda company, rng: f"{company.arr / 1000:g}".replace(".", ",")),
            Column("Nb licences", "seats", _text(lambda company: book.spaced(company.seats))),
            Column("Client réf.", "own", _text(lambda company: "✓" if company.reference else "")),
            Column("NPS envoyé", "own", _text(lambda company: "x" if company.discount else "")),
            Column("Notes", "own", _text(lambda company: company.comment)),
        ),
        encoding="utf-8-sig",
        settle={"mb": "Marie Blanc", "mn": "Marie Noir"},
    )
    sheet.wide()
    sheet.line("Société", "CSM", "Segment", "Contacts", "Tél.", "Contrat", "", "", "", "Suivi", "", "")
    sheet.header_line = sheet.line("", "", "", "", "", "Début", "Échéance", "ARR (k€)", "Nb licences", "Client réf.",
                                   "NPS envoyé", "Notes")  # fmt: skip
    companies = book.companies(rng, OWNERS)
    for owner in OWNERS:  # a portfolio after the other, each with its sum
        theirs = [company for company in companies if company.owner == owner]
        sheet.fill(theirs, rng)
        total = f"{sum(company.arr for company in theirs) / 1000:g}".replace(".", ",")
        sheet.foot(f"Sous-total {book.initials(owner)}", *[""] * 6, total)
    sheet.foot(*[""] * 7, f"{sum(company.arr for company in companies) / 1000:g}".replace(".", ","))
    return sheet


def us_en(rng: Random) -> Sheet:
    """Days with the month first, titles that stand twice, owners with typing errors."""

    def owner(company: Company, rng: Random) -> str:
        return {"Zoe Marchand": "Zoe Marchnad", "Ben Okafor": "ben okafor"}.get(company.owner, company.owner)

    sheet = Sheet(
        "customers_q4.csv",
        (
            Column("Customer", "name", _name),
            Column("Account owner", "owner", owner),
            Column("Status", "stage", _word("stage", onboarding="Onboarding", live="Active", churned="Churned")),
            Column("Contract starts", "starts_on", _day("starts_on", book.month_first)),
            Column("Contract ends", "ends_on", _day("ends_on", book.month_first)),
            Column("Contract value", "arr", _arr(book.dollars, book.short_dollars)),
            Column("Notice (months)", "notice", _text(lambda company: company.notice_months)),
            Column("# Seats", "seats", _text(lambda company: f"{company.seats:,}")),
            Column("Discount", "own", _text(lambda company: f"{company.discount}%")),
            Column("Primary contact", "people", _person(0, "name"), _who(0)),
            Column("Title", "people", _person(0, "position"), _who(0)),
            Column("Email", "people", _person(0, "email"), _who(0)),
            Column("Phone", "people", _person(0, "phone"), _who(0)),
            Column("Notes", "own", _text(lambda company: company.comment)),
            Column("Reference", "own", _text(lambda company: "Y" if company.reference else "N")),
            Column("Notes", "own", _text(lambda company: "renewed early" if company.discount == 15 else "")),
        ),
        delimiter=",",
        settle={"zoe marchnad": "Zoe Marchand"},
        asked=("Zoe Marchnad",),
    )
    sheet.line(*[column.heading for column in sheet.columns])
    companies = book.companies(rng, OWNERS)
    sheet.fill(companies, rng)
    sheet.foot("Grand total (300 customers)", "", "", "", "", f"${sum(company.arr for company in companies):,}")
    sheet.foot("Source: billing export of 11/20. Churned customers are kept for a year.")
    return sheet


def unicode_text(rng: Random) -> Sheet:
    """Excel's "Unicode text": UTF-16 and tabs; 12.500,00; a column of remarks without a heading."""
    sheet = Sheet(
        "Kundenliste.txt",
        (
            Column("Nom du client", "name", _name),
            Column("Suivi par", "owner", _owner(lambda name: f"{name.split()[0]} {name.split()[1][0]}.")),
            Column("Date de début", "starts_on", _day("starts_on", book.dotted)),
            Column("Date de fin", "ends_on", _day("ends_on", book.dotted)),
            Column("CA annuel", "arr", _arr(book.german)),
            Column("Délai de préavis", "notice", _text(lambda company: f"{company.notice_months}")),
            Column("Interlocuteurs", "people", _text(lambda company: ", ".join(one.name for one in company.people)),
                   lambda company: company.people),
            Column("Adresses e-mail", "people", _text(lambda company: ", ".join(one.email for one in company.people)),
                   lambda company: company.people),
            Column("Standard", "own", _text(lambda company: company.people[0].phone)),
            Column("", "own", _text(lambda company: company.comment.replace("\n", " "))),
        ),
        encoding="utf-16",
        delimiter="\t",
    )  # fmt: skip
    sheet.line(*[column.heading for column in sheet.columns])
    companies = book.companies(rng, OWNERS)
    sheet.fill(companies, rng)
    sheet.foot("Total général", "", "", "", book.german(sum(company.arr for company in companies)))
    return sheet


def renewals_fr(rng: Random, first: Sheet) -> Sheet:
    """The second sheet of ``first``: renewals by the company's name, in capitals or without its legal form."""

    def loosely(company: Company, rng: Random) -> str:
        short = called_short(company.name)
        return rng.choice((company.name, short, company.name.upper(), f" {company.name.lower()} "))

    sheet = Sheet(
        "portefeuille 2026 - renouvellements.csv",
        (
            Column("Client", "name", loosely),
            Column("Proba", "own", _text(lambda company: f"{100 - company.discount * 3}%")),
            Column("Prochaine étape", "own", _text(lambda company: f"Point {company.owner.split()[0]}")),
            Column("Nb utilisateurs", "seats", _text(lambda company: company.seats)),
        ),
        encoding="cp1252",
    )
    sheet.line(*[column.heading for column in sheet.columns])
    sheet.fill([company for line, company in first.companies.items() if line not in first.unreadable], rng)
    return sheet


def _owner_letter_first(name: str) -> str:
    return f"{name[0]}. {name.split()[1]}"


def paged_fr(rng: Random) -> Sheet:
    """Printed page after page: a line of units, the headings again every 60 rows, a title before each region, a column
    that is empty throughout, totals beside the name.

    Written last. In its first run no cell was lost; three owners ("A. Duarte") and the repeated heading "KAM" were
    asked for. "N°" is kept as an own field: it often counts rows, and would name other accounts once they are sorted.
    """
    sheet = Sheet(
        "Book KAM V7 (final).csv",
        (
            Column("N°", "own", _text(lambda company: f"C{zlib.crc32(company.name.encode())}")),
            Column("Compte", "name", _name),
            Column("Ville", "own", _text(lambda company: company.name.split()[1])),
            Column("KAM", "owner", _owner(_owner_letter_first)),
            Column("", "own", _text(lambda _company: "")),
            Column("MRR € HT", "mrr", _monthly),
            Column("Date signature", "starts_on", _day("starts_on", book.short, book.dotted)),
            Column("Prochaine échéance", "ends_on", _day("ends_on", _month_and_year, book.short)),
            Column("Décideur", "people", _person(0, "name"), _who(0)),
            Column("Mail", "people", _person(0, "email"), _who(0)),
            Column("Sponsor", "people", _mailbox_of_second, _who(1)),
            Column("Santé", "own", _text(lambda company: "🔴" if company.discount > 5 else "🟢")),
            Column("Dernier RDV", "own", _text(lambda company: f"S{company.seats % 52 + 1}")),
        ),
    )  # fmt: skip
    headings = [column.heading for column in sheet.columns]
    sheet.wide("Book KAM", "", "", "", "", "", "", "", "", "", "", "", "V7")
    sheet.header_line = sheet.line(*headings)
    sheet.foot("", "", "", "", "", "€ / mois", "", "(fin de mois)")
    companies = [_of_whole_months(company) for company in book.companies(rng, OWNERS)]
    for page in range(0, 300, 60):
        if page:
            sheet.never.append(sheet.line(*headings))
        for region in (0, 30):
            sheet.foot("", f"Région {'NSEOC'[page // 60]}{region // 30 + 1}")
            sheet.fill(companies[page + region : page + region + 30], rng)
        sheet.foot("", "Total page", "", "", "", book.euros(sum(one.arr // 12 for one in companies[page : page + 60])))
    sheet.foot("", "Légende : 🟢 tout va bien, 🔴 à surveiller")
    return sheet


def _month_and_year(day: date) -> str:
    names = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
    return f"{names[day.month - 1]} {day.year}"


def _monthly(company: Company, rng: Random) -> str:
    return book.spaced(company.arr // 12) + rng.choice((" €", "", " €/mois"))


def _mailbox_of_second(company: Company, rng: Random) -> str:
    return book.mailbox(company.people[1]) if company.people[1:] else ""


def _of_whole_months(company: Company) -> Company:
    """Ends with a month, and pays whole euros in each."""
    ends = company.ends_on.replace(day=monthrange(company.ends_on.year, company.ends_on.month)[1])
    return replace(company, ends_on=ends, arr=company.arr // 12 * 12, stage="live")


SHAPES = {
    "merged_fr": merged_fr,
    "stacked_fr": stacked_fr,
    "us_en": us_en,
    "unicode_text": unicode_text,
    "paged_fr": paged_fr,
}


def contacts_en(companies: Sequence[Company]) -> tuple[str, list[tuple[Company, Person]]]:
    """A second sheet: everyone of ``companies`` by the company's name, with how they stand and whether they agreed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Company", "Full name", "Email", "Phone", "Job title", "Influence", "Attitude", "Language",
                     "Opt-in", "Consent date", "Consent source", "Remarks", "Birthday"])  # fmt: skip
    people = [(company, person) for company in companies for person in company.people]
    for number, (company, person) in enumerate(people):
        writer.writerow([
            company.name.upper() if number % 3 else called_short(company.name), person.name, person.email, person.phone,
            person.position, ("High", "medium", "low")[number % 3], ("positive", "Neutral", "detractor")[number % 3],
            ("French", "en", "Deutsch")[number % 3], ("yes", "no", "")[number % 3],
            ("03/20/25", "11/30/25", "")[number % 3], ("order form", "", "")[number % 3],
            f"likes {number}" if number % 2 else "", f"{number % 28 + 1} May",
        ])  # fmt: skip
    return out.getvalue(), people


def called_short(name: str) -> str:
    """Without its legal form."""
    for form in book.FORMS:
        name = name.removesuffix(f" {form}") if form else name
    return name
