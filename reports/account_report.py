"""What the account report says: three sentences, three figures, next steps, and the sections that slices contribute."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from sqlmodel import Session

from accounts.models import Account
from accounts.models.account import STAGE_TITLES, TIER_TITLES
from accounts.rights import hands_on
from crm import clock
from crm.config import get_settings
from crm.contracts import Registry, SectionContext
from crm.i18n.write import Moment, Money
from crm.text import N_, Text, plural, text
from crm.viewer import Viewer
from health_scores.board import board
from health_scores.models import Band
from health_scores.models.score import BAND_TITLES
from health_scores.queries import TITLE, Standing, standing_of
from health_scores.view import shown_lines
from reports.document import AccountReport, Ask, Figure, Section
from reports.queries import TicketFigures, next_steps, ticket_figures

EDITION: Literal["internal"] = "internal"


def account_report(
    session: Session,
    viewer: Viewer,
    registry: Registry,
    account: Account,
    *,
    now: datetime,
    language: str,
    for_brief: bool = False,
) -> AccountReport:
    """The internal edition on ``account`` as of ``now``, for what ``viewer`` may read; equal to the screen.

    ``for_brief``: what one reads before a talk, for ``viewer`` alone."""
    today = clock.day_of(now)
    hands = hands_on(session, viewer, account)
    health = standing_of(session, account.id)
    tickets = ticket_figures(session, account.id, now)
    steps = next_steps(session, account.id)
    context = SectionContext(session, viewer, account.id, now, language, EDITION, for_own_use=for_brief)
    sections = tuple(
        Section(section.key, section.title, section.template, values)
        for section in registry.report_sections
        if EDITION in section.editions
        and (section.in_brief or not for_brief)
        and (values := section.load(context)) is not None
    )
    return AccountReport(
        account_name=account.name,
        company=get_settings().company,
        edition=EDITION,
        now=now,
        subtitle=_subtitle(account, hands.owner_name),
        sentences=(
            _health_sentence(health),
            _ticket_sentence(tickets),
            _decision_sentence(account, today, hands.may_read_money),
        ),
        figures=(
            _score_figure(health),
            _ticket_figure(tickets),
            _money_figure(account) if hands.may_read_money else _decision_figure(account, today),
        ),
        asks=tuple(Ask(task.title, who, task.due_on, task.is_late(today)) for task, who in steps),
        sections=sections,
    )


def _subtitle(account: Account, owner: str | None) -> tuple[Text, ...]:
    return (
        text(N_("%(tier)s account"), tier=text(TIER_TITLES[account.tier])),
        text(STAGE_TITLES[account.stage]),
        text(N_("owner %(name)s"), name=owner) if owner else text(N_("no owner")),
    )


def _health_sentence(health: Standing | None) -> Text:
    if health is None or health.score is None:
        return text(N_("Health is unknown: too little is known about this account yet."))
    band = text(BAND_TITLES[health.band])
    change = health.change_in_points or 0
    if change < 0:
        said = plural(
            N_("Health is %(score)s of 100 (%(band)s), %(n)s point lower than 30 days ago"),
            N_("Health is %(score)s of 100 (%(band)s), %(n)s points lower than 30 days ago"),
            -change,
            score=health.score,
            band=band,
        )
    elif change > 0:
        said = plural(
            N_("Health is %(score)s of 100 (%(band)s), %(n)s point higher than 30 days ago"),
            N_("Health is %(score)s of 100 (%(band)s), %(n)s points higher than 30 days ago"),
            change,
            score=health.score,
            band=band,
        )
    else:
        said = text(N_("Health is %(score)s of 100 (%(band)s)"), score=health.score, band=band)
    reason = next((line.reason for line in shown_lines(health, board()) if not line.rule), None)
    if reason is None:
        return text(N_("%(sentence)s."), sentence=said)
    return text(N_("%(sentence)s: %(reason)s."), sentence=said, reason=reason)


def _ticket_sentence(tickets: TicketFigures) -> Text:
    if not tickets.opened and not tickets.open:
        return text(N_("No ticket was opened in the last 90 days, and none is open."))
    return text(
        N_("%(opened)s in the last 90 days; %(open)s, %(late)s past target."),
        opened=plural(N_("%(n)s ticket was opened"), N_("%(n)s tickets were opened"), tickets.opened),
        open=plural(N_("%(n)s is open"), N_("%(n)s are open"), tickets.open),
        late=tickets.late or text(N_("none")),
    )


def _decision_sentence(account: Account, today: date, with_money: bool) -> Text:
    if account.decides_on is None:
        if with_money and account.arr_minor:
            return text(N_("The account is worth %(arr)s a year; no contract is known."), arr=_arr(account))
        return text(N_("No contract is known."))
    away = (account.decides_on - today).days
    when = plural(N_("in %(n)s day"), N_("in %(n)s days"), away) if away >= 0 else text(N_("a day that has passed"))
    if with_money and account.arr_minor:
        return text(
            N_("The customer decides by %(day)s (%(when)s) about %(arr)s a year."),
            day=account.decides_on,
            when=when,
            arr=_arr(account),
        )
    return text(N_("The customer decides by %(day)s (%(when)s)."), day=account.decides_on, when=when)


def _arr(account: Account) -> Money:
    return Money(account.arr_minor, account.currency)


def _score_figure(health: Standing | None) -> Figure:
    title = text(health.title if health else TITLE)
    source = text(N_("100 minus the points of the ledger below; each line opens its records in Tenure."))
    if health is None or health.score is None:
        return Figure(title, text("–"), text(BAND_TITLES[Band.UNKNOWN]), source)
    note = text(N_("%(band)s · known: %(share)s %%"), band=text(BAND_TITLES[health.band]), share=health.share_known)
    return Figure(title, text("%(n)s", n=health.score), note, source, unit=text(N_("of 100")))


def _ticket_figure(tickets: TicketFigures) -> Figure:
    return Figure(
        text(N_("Open tickets")),
        text("%(n)s", n=tickets.open),
        text(
            N_("%(late)s past target · %(opened)s opened, %(resolved)s resolved in 90 days"),
            late=tickets.late,
            opened=tickets.opened,
            resolved=tickets.resolved,
        ),
        text(N_("Tickets of this account in the helpdesks that Tenure reads, without deleted ones.")),
    )


def _money_figure(account: Account) -> Figure:
    note = (
        text(N_("decides by %(day)s"), day=account.decides_on) if account.decides_on else text(N_("no contract known"))
    )
    return Figure(
        text(N_("Annual recurring revenue")),
        text("%(arr)s", arr=_arr(account)),
        note,
        text(N_("The sum of the account's ARR movements up to the data instant.")),
    )


def _decision_figure(account: Account, today: date) -> Figure:
    title, source = text(N_("Decides by")), text(N_("The contract's end minus its notice."))
    if account.decides_on is None:
        return Figure(title, text("–"), text(N_("no contract known")), source)
    return Figure(
        title, text("%(day)s", day=Moment(account.decides_on)), text("%(day)s", day=account.decides_on), source
    )
