"""A program with a token, and what it sends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from crm.api.models import Scope
from crm.api.service import add_token
from crm.viewer import Viewer

EVERYTHING = tuple(Scope)


@dataclass
class Program:
    """Asks without cookies, as a program does."""

    browser: Any
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, sent: Any, **headers: str) -> Any:
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        return self.browser.post(f"/api/v1{path}", content=body, headers=self._headers(headers))

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(f"/api/v1{path}", headers=self._headers(headers))

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **said}


def program(
    browser: Any, session: Session, admin: Viewer, *scopes: Scope, title: str = "Export", days: int | None = None
) -> Program:
    browser.headers.pop("Sec-Fetch-Site", None)
    _, secret = add_token(session, admin, title=title, scopes=scopes or EVERYTHING, days=days)
    session.commit()
    return Program(browser, secret)


def ticket(number: str = "4412", **values: Any) -> dict[str, Any]:
    return {
        "source": "helpdesk",
        "id": number,
        "updated_at": "2026-11-20T10:05:00Z",
        "subject": "Export fails",
        "priority": "high",
        "account": {"name": "Acme"},
        "requester": {"email": "iris@acme.example", "name": "Iris Weber"},
        "events": [{"kind": "opened", "at": "2026-11-20T09:30:00Z", "text": "It stops."}],
        **values,
    }


def talk(number: str = "m-1", **values: Any) -> dict[str, Any]:
    return {
        "source": "inbox",
        "id": number,
        "channel": "email",
        "happened_at": "2026-11-20T16:00:00Z",
        "account": {"name": "Acme"},
        "text": "The export stopped again.",
        **values,
    }
