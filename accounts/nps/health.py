"""Survey answers as health sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Date, Select, bindparam, cast, func, select
from sqlmodel import col

from accounts.health.features import believed
from accounts.models import Contact
from accounts.nps.models import NpsAnswer
from crm.clock import start_of
from crm.contracts import (
    Columns,
    Definition,
    Feature,
    FeatureContext,
    FeatureSet,
    FeatureShape,
    Floats,
    LineFacts,
    Measure,
    Mend,
    Prior,
    RecordRef,
    RecordsContext,
    feature,
)
from crm.text import N_, Text, plural, text

WINDOW = 365  # days
_DAY: Any = bindparam("nps_day", type_=Date())
_FIRST: Any = bindparam("nps_first", type_=Date())


def window(day: Any) -> dict[str, Any]:
    return {"nps_day": day, "nps_first": day - timedelta(days=WINDOW - 1)}


def latest_answers(shape: FeatureShape) -> Any:
    """The last answer of each person within the year: ``place`` is 1."""
    one = NpsAnswer
    found = select(
        col(one.id),
        col(one.account_id),
        col(one.contact_id),
        col(one.email),
        col(one.answered_on),
        col(one.score),
        col(one.comment),
        func.row_number()
        .over(
            partition_by=(col(one.account_id), col(one.person_key)),
            order_by=(col(one.answered_on).desc(), col(one.id).desc()),
        )
        .label("place"),
    ).where(col(one.answered_on).between(_FIRST, _DAY), believed(one, shape))
    if shape.some:
        found = found.where(col(one.account_id).in_(bindparam("account_ids", expanding=True)))
    return found.subquery("answers")


def by_account(answers: Any) -> Select[Any]:
    c = answers.c
    return (
        select(
            c.account_id,
            func.count().label("nps_people"),
            cast(func.sum(c.score), BigInteger).label("nps_sum"),
            func.min(c.score).label("nps_lowest"),
        )
        .where(c.place == 1)
        .group_by(c.account_id)
    )


NPS = FeatureSet(
    key="nps",
    features=(Feature("nps_people", "people"), Feature("nps_sum", "points"), Feature("nps_lowest", "points")),
    select=lambda shape: by_account(latest_answers(shape)),
    values=lambda context: window(context.day),
)


def _mean(columns: Columns) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return columns["nps_sum"] / columns["nps_people"]


def _explain(facts: LineFacts) -> Text:
    if facts.count("people") == 1:
        return text(N_("The one answer to the survey is %(score)s of 10"), score=facts.count("lowest"))
    return text(
        N_("%(n)s people answered the survey with %(mean)s of 10 on average, the lowest %(lowest)s"),
        n=facts.count("people"),
        mean=round(facts.figure, 1),
        lowest=facts.count("lowest"),
    )


def _records(context: RecordsContext) -> Sequence[RecordRef]:
    answers = latest_answers(FeatureShape(live=False, known=context.features.known_at is not None, some=True))
    rows = context.session.execute(
        select(answers, col(Contact.name))
        .outerjoin(Contact, col(Contact.id) == answers.c.contact_id)
        .where(answers.c.place == 1)
        .order_by(answers.c.score, answers.c.answered_on.desc(), answers.c.id)
        .limit(50),
        {**_bound(context.features), "account_ids": [context.account_id]},
    )
    return [
        RecordRef(
            kind="nps",
            id=row.id,
            title=str(row.name or row.email or "–"),
            href=f"/accounts/{context.account_id}/nps",
            at=start_of(row.answered_on),
            note=text(N_("%(score)s of 10: %(comment)s"), score=row.score, comment=row.comment[:160])
            if row.comment
            else text(N_("%(score)s of 10"), score=row.score),
        )
        for row in rows
    ]


def _bound(features: FeatureContext) -> Mapping[str, object]:
    return {**window(features.day), "known_at": features.known_at}


NPS_MEAN = Measure(
    key="nps",
    title=N_("Survey answers (NPS)"),
    dimension="satisfaction",
    unit=N_("mean answer, 0 to 10"),
    value=_mean,
    explained_by={"people": feature("nps_people"), "lowest": feature("nps_lowest")},
    explain=_explain,
    counted=lambda facts: plural(N_("%(n)s answer"), N_("%(n)s answers"), facts.count("people")),
    records=_records,
    definition=Definition(
        counts=N_(
            "The mean of the last answer of each person, from 0 to 10. Of few people the net promoter score itself "
            "leaps by whole steps with one answer; their mean does not."
        ),
        window=N_("365 days"),
        minimum=N_("one answer"),
        source=N_("nps_answer.score, answered_on, email"),
    ),
    missing=N_("Nobody there has answered a survey in a year; bring answers by import."),
    mend=Mend(N_("Bring survey answers"), lambda account_id: "/import"),
    told="nps_told",
    priors=(Prior("nps_told", feature("nps_people"), None, default=0.0, of_book=True),),
)

FEATURE_SETS = (NPS,)
MEASURES = (NPS_MEAN,)
