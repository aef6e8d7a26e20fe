"""What stands around the list in the database: the own fields that are its columns, and the views saved of it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from accounts.listing.query import columns_for
from accounts.own.columns import own_columns
from accounts.own.queries import fields_of_lists, listed, listed_as_json
from accounts.views.queries import ViewLine, view_lines, views_as_json
from crm.contracts import AccountColumn, Registry
from crm.viewer import Viewer

LIST = "accounts"


class Around(NamedTuple):
    columns: tuple[AccountColumn, ...]
    views: list[ViewLine]


def read_around(session: Session, registry: Registry, viewer: Viewer) -> Around:
    """One statement for both."""
    found = session.execute(select(listed_as_json().label("fields"), views_as_json(viewer, LIST).label("views"))).one()
    own = own_columns(listed(found.fields))
    return Around(columns_for((*registry.account_columns, *own), viewer), view_lines(viewer, found.views))


def listed_columns(session: Session, registry: Registry, viewer: Viewer) -> tuple[AccountColumn, ...]:
    return columns_for((*registry.account_columns, *own_columns(fields_of_lists(session))), viewer)
