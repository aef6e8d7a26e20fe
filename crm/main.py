"""The web application: all slices behind one set of limits, headers and error pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from crm.config import Settings, get_settings
from crm.contracts import Registry
from crm.db import Database, open_database
from crm.identity.demo_making import DemoMaker
from crm.jobs.worker import Worker
from crm.slices import REGISTRY
from crm.web import assets, errors, system
from crm.web.body import MAX_BODY_BYTES
from crm.web.logs import configure_logs
from crm.web.requests import HeadAsGet, RequestLog
from crm.web.routes import possible_address
from crm.web.security import SameOriginWrites, SecurityHeaders, trusted_hosts

THREADS = 64  # sync routes at the same time; the database's pool has a connection for nearly each


def create_app(
    settings: Settings | None = None, database: Database | None = None, registry: Registry | None = None
) -> FastAPI:
    """The app; uvicorn calls it as ``--factory crm.main:create_app``.

    Without ``database`` it opens the one of ``settings`` when it is being served, and runs the worker if asked to.
    """
    settings = settings or get_settings()
    registry = registry or REGISTRY
    given = database
    configure_logs()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        if given is not None:
            yield
            return
        opened = open_database(settings)
        use(app, opened, registry)
        worker = Worker(opened, registry) if settings.worker == "inline" else None
        if worker is not None:
            worker.start()
        try:
            yield
        finally:
            if worker is not None:
                await anyio.to_thread.run_sync(worker.stop)
            opened.dispose()

    app = FastAPI(
        title="Tenure",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the page for what is not there mends a slash too many, and keeps the host out of it
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        dependencies=[Depends(possible_address)],
        middleware=[
            Middleware(SecurityHeaders, https=settings.secure_cookies),
            Middleware(RequestLog, failed=errors.unexpected, too_large=errors.too_large),
            Middleware(TrustedHostMiddleware, allowed_hosts=trusted_hosts(settings), www_redirect=False),
            Middleware(SameOriginWrites, base_url=settings.effective_base_url),
            Middleware(HeadAsGet),
            Middleware(GZipMiddleware, minimum_size=800, compresslevel=5),
            # Here and not by FastAPI's own setting, which would answer outside of the headers above.
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES),
        ],
    )
    app.state.settings = settings
    app.state.registry = registry
    if given is not None:
        use(app, given, registry)
    errors.add_error_handlers(app)
    app.include_router(system.router)
    app.include_router(assets.router)
    for one in registry.slices:
        if one.router is not None:
            app.include_router(one.router)
    return app


def use(app: FastAPI, database: Database, registry: Registry) -> None:
    """From now on the app reads and writes this database."""
    database.handlers = registry.handlers
    app.state.database = database
    app.state.demo_maker = DemoMaker(database, registry, _make_demo)
    # SQLite takes one writer at a time: they wait here, in order. PostgreSQL sorts them out by itself.
    app.state.write_turns = anyio.Semaphore(1) if database.is_sqlite else None


def _make_demo(database: Database, registry: Registry, progress: Callable[..., None]) -> None:
    from crm.demo import make_demo  # loaded when it is wanted: most servers never make one

    make_demo(database, registry, progress)
