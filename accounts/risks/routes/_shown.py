"""What the pages of risks share: a line of the review, titles, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlmodel import Session

from accounts.models import Account
from accounts.money import major
from accounts.pulse.queries import current_pulses
from accounts.risks import review
from accounts.risks.models import Risk
from accounts.risks.queries import events_since, people_named
from accounts.risks.review import RiskQuery, RiskRow
from accounts.risks.words import event_words, people_in
from crm.text import N_, Text, text
from crm.viewer import Viewer
from crm.web.pages import go_to, see_other
from crm.web.routes import closed_path


@dataclass(frozen=True)
class ReviewedRisk:
    """A line of the review: the risk, the account around it, and what changed since last week."""

    row: RiskRow
    band: str | None
    pulse: Any
    changes: list[Text]


def reviewed(session: Session, viewer: Viewer, registry: Any, rows: tuple[RiskRow, ...]) -> list[ReviewedRisk]:
    """Four statements more, however many lines."""
    ids = [row.account_id for row in rows]
    bands = registry.bands.now(session, ids) if registry.bands else {}
    pulses = current_pulses(session, ids)
    events = events_since(session, viewer, [row.risk.id for row in rows], review.since_last_week())
    names = people_named(session, people_in([one.event for found in events.values() for one in found]))
    return [
        ReviewedRisk(
            row,
            bands.get(row.account_id),
            pulses.get(row.account_id),
            [
                said
                for one in events.get(row.risk.id, ())
                for said in event_words(one.event, row.currency, names, with_money=row.reads_money)
            ],
        )
        for row in rows
    ]


def suffix_of(query: RiskQuery) -> str:
    """What a risk's own address carries, so that next and previous walk the same view."""
    return query.address("")


def amount_written(minor: int | None, currency: str) -> str:
    return "" if minor is None else f"{major(minor, currency):g}" if minor < 10**8 else str(major(minor, currency))


def title_of(account: Account) -> Text:
    return text(N_("Risk at %(account)s"), account=account.name)


def to_risk(request: Request, risk: Risk) -> Response:
    """To the page on which the button stood, or to the risk."""
    back = closed_path(request.app, request.query_params.get("back"))
    return go_to(request, back) if back else see_other(request, "risks.show", risk_id=risk.id)
