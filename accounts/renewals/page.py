"""What the page of renewals shows around its rows: tabs, filters, headings, the columns of other slices, the week."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from accounts.listing.page import SCOPE_TITLES
from accounts.listing.query import Scope
from accounts.listing.statement import ListedAccount
from accounts.renewals.changes import Transition, total_change
from accounts.renewals.models import BY_HAND, FORECAST_TITLES, Forecast
from accounts.renewals.queries import RenewalRow
from accounts.renewals.query import NONE, SORTS, Quarter, RenewalQuery
from crm.config import get_settings
from crm.contracts import AccountColumn, ColumnContext, ColumnFilter
from crm.i18n.write import Money
from crm.text import N_, Text, plural, text
from crm.viewer import Viewer

SHOWN_OF_OTHERS = ("score", "pulse")  # columns of the list of accounts that stand here too, where a slice brings them
NEXT_STEP = "next"
QUARTERS_SHOWN = 4
HEADINGS = (
    ("account", N_("Account"), False),
    ("decides", N_("Decides by"), True),
    ("ends", N_("Ends"), True),
    ("arr", N_("ARR"), True),
    ("forecast", N_("Forecast"), False),
    ("expected", N_("Expected"), True),
)


@dataclass(frozen=True)
class Select:
    key: str
    title: str
    choices: tuple[tuple[str, Text | str], ...]
    chosen: str


@dataclass(frozen=True)
class Heading:
    key: str
    title: str
    numeric: bool
    href: str
    direction: str | None


def columns_of_others(columns: Sequence[AccountColumn], viewer: Viewer) -> tuple[AccountColumn, ...]:
    return tuple(
        column
        for column in columns
        if column.key in SHOWN_OF_OTHERS and column.cell and (column.needs is None or viewer.may(column.needs))
    )


def filters_of(columns: Sequence[AccountColumn]) -> list[tuple[AccountColumn, ColumnFilter]]:
    return [(column, one) for column in columns for one in column.filters if column.source and not one.choices_from]


def read_values(
    session: Session, columns: Sequence[AccountColumn], context: ColumnContext, account_ids: Sequence[int]
) -> Mapping[str, Mapping[int, Any]]:
    """What other slices say of these accounts, by column and account: one statement a source."""
    found: dict[Any, dict[int, Any]] = {}
    for column in columns:
        if column.source is not None and column.source not in found:
            chosen = column.source(context)
            rows = session.execute(chosen.where(chosen.selected_columns["account_id"].in_(account_ids)))
            found[column.source] = {row.account_id: row._mapping for row in rows}
    values: dict[str, dict[int, Any]] = {}
    for column in columns:
        make = namedtuple("Value", column.value)  # type: ignore[misc]
        of_all = found.get(column.source, {})
        values[column.key] = {key: make(*(row[name] for name in column.value)) for key, row in of_all.items()}
    return values


def account_of(row: RenewalRow) -> ListedAccount:
    """As the cells of other slices know an account."""
    return ListedAccount(row.account_id, row.account_name, row.tier, row.stage, row.currency, row.owner_name)


def tabs(query: RenewalQuery, viewer: Viewer, path: str) -> list[tuple[str, str, bool]]:
    scopes = [scope for scope in Scope if scope is not Scope.TEAM or viewer.team_id is not None]
    return [
        (
            SCOPE_TITLES[scope],
            query.address(path, scope="" if scope is query.default_scope else scope.value),
            scope is query.scope,
        )
        for scope in scopes
    ]


def selects(
    query: RenewalQuery,
    today: date,
    owners: Sequence[tuple[str, str]],
    contributed: Sequence[tuple[AccountColumn, ColumnFilter]],
    context: ColumnContext,
) -> list[Select]:
    found = [
        Select("when", N_("Decides"), tuple(when_choices(query, today)), query.when),
        Select(
            "forecast",
            N_("Forecast"),
            (
                ("", text(N_("any"))),
                *((one.value, text(FORECAST_TITLES[one])) for one in BY_HAND),
                (NONE, text(N_("none yet"))),
                (Forecast.RENEWED.value, text(FORECAST_TITLES[Forecast.RENEWED])),
            ),
            query.forecast,
        ),
    ]
    for _, one in contributed:
        found.append(
            Select(
                one.key,
                one.title,
                (("", text(N_("any"))), *one.choices(context)),
                dict(query.filters).get(one.key, ""),
            )
        )
    if query.scope is not Scope.MINE or query.owner:
        found.append(Select("owner", N_("Owner"), (("", text(N_("any"))), *owners), query.owner))
    return found


def when_choices(query: RenewalQuery, today: date) -> list[tuple[str, Text]]:
    this = Quarter.of(today)
    quarters = [this.plus(one) for one in range(-1, QUARTERS_SHOWN + 1)]
    if query.quarter is not None and query.quarter not in quarters:
        quarters = sorted([*quarters, query.quarter])
    return [
        ("30", text(N_("within 30 days"))),
        ("90", text(N_("within 90 days"))),
        ("180", text(N_("within 180 days"))),
        *((one.key, quarter_title(one)) for one in quarters),
        ("past", text(N_("the day has passed"))),
        ("all", text(N_("at any time"))),
    ]


def quarter_title(quarter: Quarter) -> Text:
    return text(N_("Q%(number)s %(year)s"), number=str(quarter.number), year=str(quarter.year))


def headings(query: RenewalQuery, path: str) -> dict[str, Heading]:
    found = {}
    for key, title, numeric in HEADINGS:
        current = query.sort == key
        descending = not query.descending if current else SORTS[key] == "desc"
        word = f"-{key}" if descending else key
        found[key] = Heading(
            key,
            title,
            numeric,
            query.address(path, sort="" if word == "decides" else word),
            ("desc" if query.descending else "asc") if current else None,
        )
    return found


# --- the week in words -----------------------------------------------------------------------------------------------

NO_FORECAST = N_("no forecast")
TRANSITIONS_SAID = 3


def word_of(forecast: Forecast | None) -> Text:
    return text(FORECAST_TITLES[forecast] if forecast else NO_FORECAST)


def week_in_words(transitions: Sequence[Transition]) -> tuple[int, list[Text]]:
    """By how much what is relied on changed, and what became what, the greatest first."""
    said = [_transition(one) for one in transitions[:TRANSITIONS_SAID]]
    rest = sum(one.accounts for one in transitions[TRANSITIONS_SAID:])
    if rest:
        said.append(plural(N_("%(n)s other change"), N_("%(n)s other changes"), rest))
    return total_change(transitions), said


def _transition(one: Transition) -> Text:
    if one.before is one.after:
        return plural(
            N_("one amount of %(forecast)s changed"),
            N_("%(n)s amounts of %(forecast)s changed"),
            one.accounts,
            forecast=word_of(one.after),
        )
    return plural(
        N_("one account %(before)s → %(after)s"),
        N_("%(n)s accounts %(before)s → %(after)s"),
        one.accounts,
        before=word_of(one.before),
        after=word_of(one.after),
    )


def home_money(minor: int) -> Money:
    return Money(minor, get_settings().currency)
