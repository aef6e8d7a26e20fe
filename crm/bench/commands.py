"""``crm bench …``: how fast the pages of a large book are, on this machine and its database."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import anyio
import structlog
import typer
from fastapi import FastAPI

from crm import migrate
from crm.bench.asking import Browser, Measured, measure, statements_of
from crm.bench.building import SEED, build, refuse_unless_empty
from crm.bench.pages import PAGES
from crm.commands import Json, Shown, end, group, progress, say, writer
from crm.config import get_settings
from crm.contracts import Registry
from crm.db import Database
from crm.slices import REGISTRY
from crm.text import N_
from crm.viewer import Books

SMALL = 1_000


def add_commands(app: typer.Typer) -> None:
    group(app, "bench", "How fast it is, beside the least that the same work can take.").command("book")(book)


def book(
    accounts: Annotated[int, typer.Option(min=SMALL + 1, max=1_000_000, help="How many the book has.")] = 100_000,
    times: Annotated[int, typer.Option(min=1, max=1_000, help="How often each page is asked for.")] = 10,
    only: Annotated[str, typer.Option(help="Only pages with these letters in their name.")] = "",
    books: Annotated[Books, typer.Option(help="Who may read which accounts.")] = Books.OPEN,
    database: Annotated[
        str | None, typer.Option(help="An empty database that is filled and left so; default: one made for this.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another book.")] = SEED,
    as_json: Json = False,
) -> None:
    """Make a book, open its pages, and print them beside the bare statements that they run."""
    # A line of the log for each request would be part of what is measured.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="tenure-bench-") as folder:
        url = database or f"sqlite:///{Path(folder) / 'tenure.db'}"
        opened = Database(url, synchronous="NORMAL")
        try:
            with progress(N_("Making a book and opening its pages")) as shown:
                result = _run(opened, REGISTRY, accounts, times, only, books, seed, shown)
        finally:
            opened.dispose()
    _say(result)
    end(result, as_json=as_json, code=0 if result["same_statements"] else 1)


def _run(
    database: Database,
    registry: Registry,
    accounts: int,
    times: int,
    only: str,
    books: Books,
    seed: int,
    shown: Shown,
) -> dict[str, Any]:
    from crm.main import create_app  # loaded when it is wanted: other commands begin sooner

    migrate.upgrade(database)
    refuse_unless_empty(database)
    pages = [one for one in PAGES if only in one.key]
    settings = get_settings().model_copy(
        update={"books": books, "worker": "none", "base_url": "http://localhost", "mode": "production"}
    )
    app = create_app(settings, database, registry)
    steps = 2 + 2 * len(pages)
    build(database, registry, 0, SMALL, seed=seed)
    shown(1, steps)
    few: dict[str, int] = {}
    for place, page in enumerate(pages):
        few[page.key] = anyio.run(_statements, app, database, page.user_id, page.address)
        shown(2 + place, steps)
    began = time.monotonic()
    build(database, registry, SMALL, accounts, seed=seed)
    built_s = round(time.monotonic() - began, 1)
    found: list[Mapping[str, Any]] = []
    for place, page in enumerate(pages):
        measured: Measured = anyio.run(_measured, app, database, page.user_id, page.address, times)
        shown(2 + len(pages) + place, steps)
        found.append(
            {
                "page": page.key,
                "address": page.address,
                "statements": measured.statements,
                "statements_of_1000": few[page.key],
                "bytes": measured.size,
                "median_ms": measured.page.median_ms,
                "p95_ms": measured.page.p95_ms,
                "cpu_ms": measured.cpu_ms,
                "floor_median_ms": measured.floor.median_ms,
                "floor_p95_ms": measured.floor.p95_ms,
                "ratio": round(measured.ratio, 2),
            }
        )
    return {
        "database": database.engine.dialect.name,
        "accounts": accounts,
        "books": books.value,
        "seed": seed,
        "built_s": built_s,
        "same_statements": all(one["statements"] == one["statements_of_1000"] for one in found),
        "pages": found,
    }


async def _statements(app: FastAPI, database: Database, user_id: int, address: str) -> int:
    browser = Browser(app, database, user_id)
    with statements_of(database) as seen:
        await browser.get(address)
    return len(seen)


async def _measured(app: FastAPI, database: Database, user_id: int, address: str, times: int) -> Measured:
    return await measure(database, Browser(app, database, user_id), address, times)


TITLES = (
    *(N_("Page"), N_("Statements"), N_("at 1,000"), N_("Median ms"), N_("p95 ms"), N_("CPU ms"), N_("Floor ms")),
    N_("Ratio"),
)
_COLUMNS = ("page", "statements", "statements_of_1000", "median_ms", "p95_ms", "cpu_ms", "floor_median_ms", "ratio")


def _say(result: Mapping[str, Any]) -> None:
    translate = writer().translations.gettext
    rows = [[translate(title) for title in TITLES]]
    rows += [[str(one[name]) for name in _COLUMNS] for one in result["pages"]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        typer.echo("  ".join(cells))
    if result["same_statements"]:
        say(N_("Every page takes as many statements of the database as with 1,000 accounts."))
    else:
        say(N_("Some pages take more statements of the database than with 1,000 accounts."))
