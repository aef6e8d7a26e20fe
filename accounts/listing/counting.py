"""How many accounts each of several saved views lists."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from sqlalchemy import func, select

from accounts.listing.around import listed_columns
from accounts.listing.query import read_query
from accounts.listing.statement import ids_statement
from crm.contracts import ColumnContext, ViewCountContext


def count_queries(context: ViewCountContext, queries: Sequence[str]) -> Sequence[int]:
    """One statement; each count ends at ``context.most``, so that none looks through a whole book."""
    columns = listed_columns(context.session, context.registry, context.viewer)
    around = ColumnContext(context.viewer, context.now, context.today)
    counts = []
    for number, query in enumerate(queries):
        listed = ids_statement(columns, read_query(parse_qsl(query), columns, context.viewer), around)
        some = listed.limit(context.most).subquery(f"view_{number}")
        counts.append(select(func.count()).select_from(some).scalar_subquery())
    return context.session.execute(select(*counts)).one() if counts else ()
