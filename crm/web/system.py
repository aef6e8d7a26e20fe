"""Is the process there, is it ready; and, while developing, every component on one page."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from crm.config import Settings
from crm.db import Database
from crm.errors import NotFound
from crm.text import N_
from crm.web.pages import page

log = structlog.get_logger(__name__)

router = APIRouter(include_in_schema=False)


@router.get("/healthz", name="system.health")
async def show_health() -> Response:
    """The process answers; nothing else is asked, so that a slow database does not restart it."""
    return PlainTextResponse("ok")


@router.get("/readyz", name="system.readiness")
def show_readiness(request: Request) -> Response:
    """The database answers and holds every table this version knows."""
    database: Database = request.app.state.database
    found: dict[str, Any] = {"database": "ok", "schema": "ok"}
    try:
        with database.reading() as session:
            there = set(inspect(session.connection()).get_table_names())
    except SQLAlchemyError as error:
        log.warning("not ready", exc_info=error)
        found = {"database": "cannot be reached", "schema": "unknown"}
    else:
        if missing := sorted(set(SQLModel.metadata.tables) - there):
            found["schema"] = f"{len(missing)} tables are missing; run: crm migrate"
    ready = all(value == "ok" for value in found.values())
    return JSONResponse({"ready": ready, **found}, 200 if ready else 503)


@router.get("/styleguide", name="system.styleguide")
def show_styleguide(request: Request) -> Response:
    settings: Settings = request.app.state.settings
    if settings.mode != "development":
        raise NotFound(N_("There is nothing at this address."))
    return page(request, "styleguide.html")


@router.get("/robots.txt", name="system.robots")
async def show_robots() -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
