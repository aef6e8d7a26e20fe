"""Which model is in use. Version 1 comes with the product: it counts before any row is written, and is written down by
the first scoring."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text as SqlText, cast, select
from sqlmodel import Session, col

from health_scores import default_model
from health_scores.definition import ModelDefinition, parse
from health_scores.models import HealthModel
from health_scores.upsert import insert_for


@lru_cache(maxsize=1)
def built_in() -> ModelDefinition:
    return parse(default_model.VERSION, default_model.TITLE, default_model.DEFINITION)


def published(session: Session, *, version: int | None = None, at: datetime | None = None) -> ModelDefinition:
    """The newest version, or ``version``, or the one that was in use ``at`` an instant: the oldest, before there was
    any."""
    model = HealthModel
    statement = select(col(model.version), col(model.title), cast(col(model.definition), SqlText).label("definition"))
    newest = col(model.version).desc()
    if version is not None:
        statement = statement.where(col(model.version) == version)
    if at is not None:
        in_use = statement.where(col(model.published_at) <= at)
        found = session.execute(in_use.order_by(newest).limit(1)).first()
        found = found or session.execute(statement.order_by(col(model.version)).limit(1)).first()
    else:
        found = session.execute(statement.order_by(newest).limit(1)).first()
    return _parsed(found.version, found.title, found.definition) if found else built_in()


@lru_cache(maxsize=64)
def _parsed(version: int, title: str, written: str) -> ModelDefinition:
    """Published versions never change, so each is read once a process."""
    return parse(version, title, json.loads(written))


def ensure_published(session: Session) -> None:
    """Write version 1 down, unless it is."""
    if session.execute(select(col(HealthModel.version)).limit(1)).first() is None:
        statement = insert_for(session, HealthModel).on_conflict_do_nothing()
        model = HealthModel(
            version=default_model.VERSION, title=default_model.TITLE, definition=default_model.DEFINITION
        )
        session.execute(statement, [model.model_dump()])
