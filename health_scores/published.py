"""Which model is in use. One comes with the product: it counts before any row is written, and is written down by the
first scoring. A later release's counts only once somebody has adopted it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text as SqlText, bindparam, cast, select
from sqlmodel import Session

from health_scores import default_model
from health_scores.definition import ModelDefinition, parse
from health_scores.models import HealthModel
from health_scores.upsert import insert_for, table


@lru_cache(maxsize=1)
def built_in() -> ModelDefinition:
    return parse(default_model.VERSION, default_model.TITLE, default_model.DEFINITION)


_MODEL = table(HealthModel).c
_ANY = select(_MODEL.version, _MODEL.title, cast(_MODEL.definition, SqlText).label("definition"))
_NEWEST = _ANY.order_by(_MODEL.version.desc()).limit(1)
_OLDEST = _ANY.order_by(_MODEL.version).limit(1)
_OF_VERSION = _ANY.where(_MODEL.version == bindparam("wanted"))
_IN_USE = _NEWEST.where(_MODEL.published_at <= bindparam("at"))


def published(session: Session, *, version: int | None = None, at: datetime | None = None) -> ModelDefinition:
    """The newest version, or ``version``, or the one that was in use ``at`` an instant: the oldest, before there was
    any."""
    connection = session.connection()
    if version is not None:
        found = connection.execute(_OF_VERSION, {"wanted": version}).first()
    elif at is not None:
        found = connection.execute(_IN_USE, {"at": at}).first() or connection.execute(_OLDEST).first()
    else:
        found = connection.execute(_NEWEST).first()
    return _parsed(found.version, found.title, found.definition) if found else built_in()


def published_for_writing(session: Session) -> ModelDefinition:
    """The newest version; the product's own is written down if there is none yet."""
    found = session.connection().execute(_NEWEST).first()
    if found is None:
        ensure_published(session)
        return built_in()
    return _parsed(found.version, found.title, found.definition)


@lru_cache(maxsize=64)
def _parsed(version: int, title: str, written: str) -> ModelDefinition:
    """Published versions never change, so each is read once a process."""
    return parse(version, title, json.loads(written))


def is_standard(model: ModelDefinition) -> bool:
    """Whether ``model`` says what the one does that comes with this release."""
    standard = built_in()
    return replace(model, version=standard.version, title=standard.title) == standard


def adopt_standard(session: Session) -> ModelDefinition:
    """Publish the model of this release as the newest version; the one in use, where it says the same already."""
    ensure_published(session)
    newest = published(session)
    if is_standard(newest):
        return newest
    version = max(newest.version + 1, default_model.VERSION)
    session.add(HealthModel(version=version, title=default_model.TITLE, definition=default_model.DEFINITION))
    session.flush()
    return published(session)


def ensure_published(session: Session) -> None:
    """Write the model that comes with the product down, unless there is one."""
    if session.connection().execute(_NEWEST).first() is None:
        model = HealthModel(
            version=default_model.VERSION, title=default_model.TITLE, definition=default_model.DEFINITION
        )
        session.connection().execute(insert_for(session, HealthModel).on_conflict_do_nothing(), [model.model_dump()])
