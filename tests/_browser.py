"""The browser of the tests: same-origin by itself, signed in without a password, and it sees what the test has made."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from crm.config import Settings
from crm.db import Database
from crm.viewer import Viewer

_NOT_IN_THE_APP = {"data_dir", "database_url", "now"}
_made: dict[str, FastAPI] = {}


def the_app(settings: Settings, database: Database) -> FastAPI:
    """The app on this database. It is made once for all tests with the same settings, because its routes take longer to
    put together than most tests to run: a test that adds routes makes its own."""
    from crm.main import create_app, use
    from crm.slices import REGISTRY

    key = settings.model_dump_json(exclude=_NOT_IN_THE_APP)
    app = _made.get(key)
    if app is None:
        app = _made[key] = create_app(settings, database)
    app.state.settings = settings
    use(app, database, REGISTRY)
    return app


class Browser(TestClient):
    def __init__(self, app: FastAPI, session: Session) -> None:
        super().__init__(
            app,
            base_url="http://testserver",
            follow_redirects=False,
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"},
        )
        self._session = session

    def request(self, *args: Any, **kw: Any) -> Any:
        self._session.commit()  # shows the page what the test made, and holds no lock against it
        return super().request(*args, **kw)

    def sign_in(self, viewer: Viewer) -> None:
        from crm.identity.service import start_session

        name, token = start_session(self._session, viewer.user_id)
        self._session.commit()
        self.cookies.set(name, token, domain="testserver.local", path="/")  # so that a page can replace it
