"""Amounts, figures and addresses as people write them. Pure; what cannot be read is said in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from babel.numbers import get_currency_precision

from accounts.importing.days import DayOrder
from accounts.importing.unreadable import Unreadable
from accounts.importing.words import currency_of
from accounts.names import fold
from crm.text import N_


@dataclass(frozen=True)
class Style:
    """How one file writes its values: found over its cells, changeable by a person."""

    day_order: DayOrder = DayOrder.DAY_FIRST
    decimal: str | None = None  # "." or ","; none: each cell tells, and three figures after a lone mark are thousands
    currency: str = "EUR"  # where neither cell nor heading names one


# Spaces and apostrophes that group thousands; "?" is a thin space that Excel could not write.
_BETWEEN_DIGITS = re.compile(
    r"(?<=\d)(?:[\s\u00a0\u202f\u2009'’`]+(?=\d)|\?(?=\d{3}(?!\d)))"
)  # "?": a thin space that Excel could not write


# --- amounts ---------------------------------------------------------------------------------------------------------


class Amount(NamedTuple):
    number: Decimal
    currency: str | None  # as the cell says it
    per: Literal["year", "month"] | None = None


_NUMBER = re.compile(r"\d[\d.,]*|[.,]\d+")
_FACTORS = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000, "mn": 1_000_000, "md": 1_000_000_000, "bn": 1_000_000_000}
_FACTORS |= {"millions": 1_000_000, "million": 1_000_000, "mille": 1_000, "thousand": 1_000}
_PER_YEAR = frozenset("an ans annee year yr y pa annuel annual annum".split())
_PER_MONTH = frozenset("mois month mo mth mensuel monthly".split())
_PASSED_OVER = frozenset("p a ht ttc hors taxe taxes excl incl vat tva par per net".split())
_LETTERS = re.compile(r"[a-z]+|[€$£]")
_NO_CENTS = re.compile(r"(?<=\d)[.,][-–—]+")  # 12'000.-


def read_amount(cell: str, decimal: str | None) -> Amount:
    """Read "184 000,50 €", "184k€", "1.234,50", "$1,200", "99 €/mois" or "(300)".

    ``decimal`` settles what "1,200" leaves open.
    """
    bare = _NO_CENTS.sub("", _BETWEEN_DIGITS.sub("", cell).replace("\N{MINUS SIGN}", "-")).strip()
    found = _NUMBER.findall(bare)
    if len(found) != 1 or "%" in bare:
        raise Unreadable(N_("“%(value)s” is not an amount."), value=cell)
    before, after = bare.split(found[0], 1)
    negative = "-" in before or after.endswith("-") or (before.startswith("(") and after.endswith(")"))
    currency, factor, per = None, 1, None
    around = fold(f"{before} {after}").replace("us$", "usd").replace("ca$", "cad")
    for word in _LETTERS.findall(around):
        if word[0] in "km" and not currency_of(word) and (named := currency_of(word[1:])):
            factor, currency = _FACTORS[word[0]], named  # "keur"
        elif word in _FACTORS:
            factor = _FACTORS[word]
        elif (named := currency_of(word)) is not None:
            currency = named
        elif word in _PER_YEAR or word in _PER_MONTH:
            per = "year" if word in _PER_YEAR else "month"
        elif word not in _PASSED_OVER:
            raise Unreadable(N_("“%(value)s” is not an amount."), value=cell)
    number = read_number(found[0], decimal) * factor
    return Amount(-number if negative else number, currency, per)  # type: ignore[arg-type]


def read_number(digits: str, decimal: str | None) -> Decimal:
    """A figure of digits, points and commas. The last of two different marks is the decimal one; a mark that stands
    several times, or before exactly three digits without being ``decimal``, groups thousands."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        mark = max(".", ",", key=digits.rfind)
        if digits.count(mark) > 1:
            raise Unreadable(N_("“%(value)s” is not a number."), value=digits)
    elif points + commas > 1:
        mark = ""
    elif points or commas:
        mark = "." if points else ","
        whole, _, rest = digits.partition(mark)
        if len(rest) == 3 and mark != decimal and 1 <= len(whole) <= 3 and whole != "0":
            mark = ""
    else:
        mark = ""
    plain = "".join("." if letter == mark else letter for letter in digits if letter.isdigit() or letter == mark)
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise Unreadable(N_("“%(value)s” is not a number."), value=digits) from None


def decimal_of(cells: Iterable[str]) -> str | None:
    """The decimal mark that these amounts show; ``None`` when none of them tells."""
    votes = {".": 0, ",": 0}
    for cell in cells:
        for digits in _NUMBER.findall(_BETWEEN_DIGITS.sub("", cell))[:1]:
            points, commas = digits.count("."), digits.count(",")
            if points and commas:
                votes[max(".", ",", key=digits.rfind)] += 1
            elif points > 1 or commas > 1:
                votes["," if points else "."] += 1
            elif points or commas:
                mark = "." if points else ","
                whole, _, rest = digits.partition(mark)
                if len(rest) != 3 or len(whole) > 3 or whole == "0":
                    votes[mark] += 1
    if votes["."] == votes[","]:
        return None
    return max(votes, key=lambda mark: votes[mark])


def minor_units(number: Decimal, currency: str) -> int:
    return int((number * 10 ** get_currency_precision(currency)).to_integral_value("ROUND_HALF_UP"))


_WHOLE = re.compile(r"^\s*(\d[\d\s\u00a0\u202f.,'’]*?)\s*([^\d]*)$")


def read_whole(cell: str) -> int:
    """ "1 200", "1,200", "25 licences"."""
    found = _WHOLE.match(cell)
    if found:
        digits = _BETWEEN_DIGITS.sub("", found[1]).rstrip(".,")
        if re.fullmatch(r"\d{1,9}|\d{1,3}([.,]\d{3})+|\d{1,9}[.,]0{1,2}", digits):
            return int(re.sub(r"[.,]0{1,2}$", "", digits).replace(".", "").replace(",", ""))
    raise Unreadable(N_("“%(value)s” is not a whole number."), value=cell)


# --- addresses -------------------------------------------------------------------------------------------------------

_DOMAIN = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$")
_EMAIL = re.compile(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+\.[^\s<>(),;:\".]+")

# A mailbox there says nothing about a company.
FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr msn.com yahoo.com yahoo.fr"
    " ymail.com icloud.com me.com mac.com aol.com gmx.com gmx.fr gmx.de web.de free.fr orange.fr wanadoo.fr sfr.fr"
    " neuf.fr laposte.net bbox.fr proton.me protonmail.com mail.com zoho.com yandex.com".split()
)


def read_domain(cell: str) -> str:
    """ "https://www.halden.example/en" → "halden.example"."""
    bare = cell.strip().casefold()
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", bare)
    bare = re.split(r"[/?#\s,;]", bare, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    bare = bare.removeprefix("www.").rstrip(".")
    try:
        ascii_ = bare.encode("idna").decode("ascii") if bare and not bare.isascii() else bare
    except UnicodeError:
        ascii_ = ""
    if not _DOMAIN.match(ascii_):
        raise Unreadable(N_("“%(value)s” is not a web address."), value=cell)
    return ascii_


def read_email(cell: str) -> str:
    """The address alone, also out of "Iris Weber <iris@halden.example>"."""
    found = _EMAIL.findall(cell.removeprefix("mailto:"))
    if len(found) == 1 and len(found[0]) <= 254 and _DOMAIN.match(found[0].rpartition("@")[2].casefold()):
        return str(found[0])
    if len(found) > 1:
        raise Unreadable(N_("“%(value)s” holds several e-mail addresses; keep one."), value=cell)
    raise Unreadable(N_("“%(value)s” is not an e-mail address."), value=cell)
