"""French is whole, says what the source says, and is written as French is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.support import Translations

from accounts.days import parse_day
from accounts.importing.targets import Shape
from accounts.importing.words import meaning_of
from accounts.models.account import STAGE_TITLES, TIER_TITLES
from accounts.models.contact import CONTACT_ROLE_TITLES
from crm.i18n import DOMAIN, LANGUAGES, catalogue, extract
from crm.i18n.write import Writer

FRENCH = "fr"
NARROW = "\N{NARROW NO-BREAK SPACE}"
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
COUNTED = {"%(n)s", "%(num)s"}  # what the singular may say in words: "one thing"


def forms(said: object) -> tuple[str, ...]:
    """One form, or singular and plural."""
    return tuple(str(one) for one in said) if isinstance(said, tuple | list) else (str(said),)


def translated() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for message in extract.kept(FRENCH):
        if message.id and any(forms(message.string)):
            yield forms(message.id), forms(message.string)


def placeholders(words: str) -> list[str]:
    return sorted(found[0] for found in PLACEHOLDER.finditer(words))


def without_count(names: list[str]) -> list[str]:
    return [name for name in names if name not in COUNTED]


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], str]:
    """What lacks French, and the catalogue as it would be written anew."""
    copy = tmp_path_factory.mktemp("catalogue") / "tenure.po"
    shutil.copy(extract.catalogue_path(FRENCH), copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extract, "catalogue_path", lambda _language: copy)
        return extract.update(FRENCH), copy.read_text("utf-8")


def test_every_message_has_its_french(rewritten: tuple[list[str], str]) -> None:
    lacking, _ = rewritten
    assert lacking == []
    assert [message.id for message in extract.kept(FRENCH) if message.fuzzy] == []


def test_placeholders_are_those_of_the_source() -> None:
    wrong = []
    for source, french in translated():
        wanted = placeholders(source[-1])
        if any(re.search(r"%", PLACEHOLDER.sub("", words)) for words in french):
            wrong.append((source[0], "a percent sign that is not doubled"))
        if len(source) == 1 and placeholders(french[0]) != wanted:
            wrong.append((source[0], french[0]))
        if len(source) == 2:
            one, many = placeholders(french[0]), placeholders(french[1])
            dropped = one in (wanted, without_count(wanted))
            if len(french) != 2 or many != wanted or not dropped:
                wrong.append((source[0], " | ".join(french)))
    assert wrong == []


def test_the_catalogue_is_what_would_be_written(rewritten: tuple[list[str], str]) -> None:
    _, written = rewritten
    assert written == extract.catalogue_path(FRENCH).read_text("utf-8"), "run bin/messages"


# What ends in a space or a closing sign is a mark of the sentence; "10:00", "?q=", "%%d" and addresses are not.
MARK_WITHOUT_SPACE = re.compile(rf"(?<!{NARROW})(?:[;:!?](?=[\s»)…]|$)|%%(?!\w))")


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("a straight quote", re.compile('"')),
        ("a straight apostrophe", re.compile("'")),
        ("an English quote", re.compile("[“”]")),
        ("a mark without its narrow space", MARK_WITHOUT_SPACE),
        ("a quote without its narrow space", re.compile(rf"«(?!{NARROW})|(?<!{NARROW})»")),
        ("two spaces", re.compile(r"\s\s")),
        ("a space at the edge", re.compile(r"^\s|\s$")),
    ],
)
def test_french_is_set_as_french(what: str, found: re.Pattern[str]) -> None:
    wrong = [words for _, french in translated() for words in french if found.search(words)]
    assert wrong == [], what


def test_the_mark_rule_knows_marks_from_codes() -> None:
    right = [
        "10:00",
        "http://x/?q=1",
        f"Oui{NARROW}?",
        f"12{NARROW}%%",
        "%%d/%%m",
        "%(host)s:%(port)s",
        f"« a{NARROW}: b",
    ]
    wrong = ["Oui ?", "Oui?", "12 %%", "12%%", "a: b", "a : b"]
    assert [bool(MARK_WITHOUT_SPACE.search(words)) for words in right] == [False] * len(right)
    assert [bool(MARK_WITHOUT_SPACE.search(words)) for words in wrong] == [True] * len(wrong)


def compiled(kept: Catalog) -> Translations:
    content = BytesIO()
    write_mo(content, kept)
    content.seek(0)
    return Translations(content, domain=DOMAIN)


def test_it_compiles_and_speaks_french() -> None:
    french = compiled(extract.kept(FRENCH))
    assert FRENCH in LANGUAGES
    assert french.gettext("Today") == catalogue(FRENCH).gettext("Today") == "Aujourd’hui"
    assert french.ngettext("%(n)s day", "%(n)s days", 0) == "%(n)s jour"
    assert french.ngettext("%(n)s day", "%(n)s days", 2) == "%(n)s jours"


@pytest.mark.parametrize(
    ("shape", "titles"),
    [(Shape.TIER, TIER_TITLES), (Shape.STAGE, STAGE_TITLES), (Shape.ROLE, CONTACT_ROLE_TITLES)],
)
def test_an_import_reads_the_words_that_french_pages_write(shape: Shape, titles: dict[str, str]) -> None:
    french = compiled(extract.kept(FRENCH))
    assert {value: meaning_of(shape, french.gettext(title)) for value, title in titles.items()} == {
        value: str(value) for value in titles
    }


def test_a_day_can_be_typed_in_the_words_that_french_pages_offer() -> None:
    french, sunday = compiled(extract.kept(FRENCH)), date(2026, 11, 22)
    offered = {"today": 0, "tomorrow": 1, "Monday": 1, "Friday": 5, "in 1 week": 7, "in 2 weeks": 14}
    read = {words: parse_day(french.gettext(words), sunday) for words in offered}
    assert read == {words: sunday + timedelta(days=away) for words, away in offered.items()}


def test_french_says_the_first_of_a_month_in_its_own_way() -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    french, english = Writer(FRENCH, ZoneInfo("Europe/Paris"), now), Writer("en", ZoneInfo("Europe/Paris"), now)
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    assert (french.day_full(first), french.day_short(last)) == ("mardi 1er décembre 2026", "31 déc.")
    assert french.instant(datetime(2026, 12, 1, 9, tzinfo=UTC)) == "1er déc., 10:00"
    assert english.day_exact(first) == "1 December"
