"""How values are written for a reader: numbers, money, days, spans. One class, used by pages, mails and PDFs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.support import NullTranslations

from crm.i18n import catalogue
from crm.text import N_, Text, plural, text

MINUS = "\N{MINUS SIGN}"
_FIRST = re.compile(r"\b1 (?=[^\W\d])")  # of a month


@dataclass(frozen=True)
class Money:
    """An amount in minor units of an ISO 4217 currency, as a value of a ``Text``."""

    minor: int
    currency: str
    short: bool = True


@dataclass(frozen=True)
class Moment:
    """An instant or a day to be said near now ("Friday", "in 41 days") as a value of a ``Text``."""

    when: date | datetime


@dataclass(frozen=True)
class Duration:
    """A span of seconds as a value of a ``Text``: 2 h 10."""

    seconds: float


@dataclass(frozen=True)
class Writer:
    """Writes for one reader: ``language`` (en, fr), their ``zone`` and what is ``now`` for them."""

    language: str
    zone: ZoneInfo
    now: datetime

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse("en_GB" if self.language == "en" else "fr_FR")

    @cached_property
    def translations(self) -> NullTranslations:
        return catalogue(self.language)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def __call__(self, value: object) -> str:
        """``value`` as this reader writes it; a ``Text`` in their language."""
        match value:
            case Text():
                return value.render(self.translations, self)
            case str():
                return value
            case bool() | None:
                return str(value)
            case Money():
                return (self.money_short if value.short else self.money)(value.minor, value.currency)
            case Moment():
                return self.day(value.when)
            case Duration():
                return self.duration(value.seconds)
            case datetime():
                return self.instant(value)
            case date():
                return self.day_exact(value)
            case int() | float():
                return self.number(value)
            case _:
                return str(value)

    def number(self, value: float, digits: int | None = None) -> str:
        if digits is None:
            digits = 0 if float(value).is_integer() else 1
        if digits == 0 and abs(value) < 999.5:  # most numbers of a page, and the same in every language we write
            return str(round(value)).replace("-", MINUS)
        shape = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, shape, locale=self.locale).replace("-", MINUS)

    def signed(self, value: float, digits: int = 0) -> str:
        return ("+" if value > 0 else "") + self.number(value, digits)

    def share(self, value: float, digits: int = 0) -> str:
        """A share 0–1 as a percentage."""
        return self._tr(N_("%(value)s %%"), value=self.number(100 * value, digits))

    def money(self, minor: int, currency: str = "EUR") -> str:
        """Whole units unless there are cents: €184,000."""
        precision = get_currency_precision(currency)
        whole = minor % 10**precision == 0
        shape = self.locale.currency_formats["standard"].pattern
        if whole:
            shape = shape.replace(".00", "")
        amount = minor / 10**precision
        return format_currency(amount, currency, shape, locale=self.locale, currency_digits=False).replace("-", MINUS)

    def money_short(self, minor: int, currency: str = "EUR") -> str:
        """For columns and sentences: €184 k, €4.1 M."""
        amount = minor / 10 ** get_currency_precision(currency)
        if abs(amount) < 1000:
            return self.money(round(amount) * 10 ** get_currency_precision(currency), currency)
        steps = ((1e9, "bn" if self.language == "en" else "Md"), (1e6, "M"), (1e3, "k"))
        size, letter = next(step for step in steps if abs(amount) >= step[0] * 0.9995)
        shown = amount / size
        number = self.number(shown, 1 if abs(shown) < 10 and round(shown, 1) % 1 else 0)
        sign = format_currency(0, currency, "¤", locale=self.locale).strip().removesuffix("GB")  # £GB: which else
        space = "\N{NARROW NO-BREAK SPACE}"
        if self.language == "fr":
            return f"{number}{space}{letter}{sign}"
        minus, number = (MINUS, number[1:]) if number.startswith(MINUS) else ("", number)
        return f"{minus}{sign}{number}{space}{letter}"

    def day_exact(self, when: date | datetime) -> str:
        """3 December 2026, whole and unmistakable; a day without year in the current one: 3 December."""
        day = self._day(when)
        return self._written(day, "d MMMM y" if day.year != self.today.year else "d MMMM")

    def day_full(self, when: date | datetime) -> str:
        """Monday 23 November 2026."""
        return self._written(self._day(when), "EEEE d MMMM y")

    def day_short(self, when: date | datetime) -> str:
        """3 Dec, or 3 Dec 2027 in another year: for columns."""
        day = self._day(when)
        return self._written(day, "d MMM y" if day.year != self.today.year else "d MMM")

    def month(self, when: date | datetime) -> str:
        """December 2026."""
        return self._written(self._day(when), "MMMM y")

    def day(self, when: date | datetime) -> str:
        """As people say it near now: today, Friday, 3 Dec."""
        day = self._day(when)
        away = (day - self.today).days
        if away == 0:
            return self._tr(N_("today"))
        if away == 1:
            return self._tr(N_("tomorrow"))
        if away == -1:
            return self._tr(N_("yesterday"))
        if 1 < away < 7:
            return self._written(day, "EEEE")
        return self.day_short(day)

    def in_days(self, when: date | datetime) -> str:
        """in 41 days, 3 days ago, today."""
        away = (self._day(when) - self.today).days
        if abs(away) <= 1:
            return self.day(when)
        if away > 0:
            return self(plural(N_("in %(n)s day"), N_("in %(n)s days"), away))
        return self(plural(N_("%(n)s day ago"), N_("%(n)s days ago"), -away))

    def instant(self, when: datetime) -> str:
        """23 Nov 2026, 14:05 in the reader's zone."""
        local = when.astimezone(self.zone)
        shape = "d MMM y, HH:mm" if local.year != self.today.year else "d MMM, HH:mm"
        return self._written(local, shape)

    def instant_full(self, when: datetime) -> str:
        local = when.astimezone(self.zone)
        return self._written(local, "EEEE d MMMM y, HH:mm:ss") + f" ({self.zone.key})"

    def ago(self, when: datetime) -> str:
        """4 min ago, 3 h ago, then the day."""
        seconds = (self.now.astimezone(UTC) - when.astimezone(UTC)).total_seconds()
        if 0 <= seconds < 60:
            return self._tr(N_("just now"))
        if 0 <= seconds < 3600:
            return self._tr(N_("%(n)s min ago"), n=int(seconds // 60))
        if 0 <= seconds < 86_400 and self._day(when) == self.today:
            return self._tr(N_("%(n)s h ago"), n=int(seconds // 3600))
        return self.in_days(when)

    def duration(self, seconds: float) -> str:
        """A span a person can believe: 40 min, 3 h 20, 9 days."""
        seconds = abs(seconds)
        if seconds < 3600:
            return self._tr(N_("%(n)s min"), n=max(1, round(seconds / 60)))
        if seconds < 48 * 3600:
            hours, minutes = divmod(round(seconds / 60), 60)
            if hours >= 10 or minutes == 0:
                return self._tr(N_("%(n)s h"), n=round(seconds / 3600))
            return self._tr(N_("%(hours)s h %(minutes)s"), hours=hours, minutes=f"{minutes:02d}")
        return self(plural(N_("%(n)s day"), N_("%(n)s days"), int(seconds // 86_400)))

    def listed(self, parts: list[str]) -> str:
        """a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        return self._tr(N_("%(first)s and %(last)s"), first=", ".join(parts[:-1]), last=parts[-1])

    def _written(self, when: date | datetime, shape: str) -> str:
        """In ``shape``; French says the first of a month as "1er"."""
        written = format_datetime if isinstance(when, datetime) else format_date
        said = written(when, shape, locale=self.locale)
        return _FIRST.sub("1er ", said) if self.language == "fr" else said

    def _day(self, when: date | datetime) -> date:
        return when.astimezone(self.zone).date() if isinstance(when, datetime) else when

    def _tr(self, message: str, **values: Any) -> str:
        return self(text(message, **values))


__all__ = ["MINUS", "Duration", "Moment", "Money", "Writer"]
