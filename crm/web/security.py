"""What every answer carries and every unsafe request must show: pure ASGI, before any route is chosen."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.config import Settings
from crm.web.body import FOR_PROGRAMS
from crm.web.session import SAFE_METHODS

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Robots-Tag": "noindex, nofollow",
}


def trusted_hosts(settings: Settings) -> list[str]:
    """The names this server answers to: its public one, its own machine's, and those that settings add."""
    named = [name.strip() for name in settings.trusted_hosts.split(",")]
    own = [urlsplit(settings.effective_base_url).hostname or "", settings.host, "localhost", "127.0.0.1", "::1"]
    return sorted({name.lower() for name in (*own, *named) if name and name != "0.0.0.0"})  # noqa: S104 - a comparison


class SecurityHeaders:
    """Adds the headers above to every answer; pages are private and never stored unless they say otherwise."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self.https:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
            await send(message)

        await self.app(scope, receive, send_with_headers)


# What a mail program may send by itself (RFC 8058): the address holds a secret of its own, and no cookie comes along.
FOR_MAIL_PROGRAMS = "/unsubscribe/"


class SameOriginWrites:
    """Refuses unsafe requests that another site made a browser send (OWASP: Fetch Metadata, then Origin).

    A request with neither header comes from no browser; it may only write without cookies, with a bearer token or to
    the addresses that mail programs and helpdesks call.
    """

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self.app = app
        self.base = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._allowed(scope):
            await _refuse(send)
            return
        await self.app(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is not None:
            # The host has been checked against the trusted ones before we get here.
            return origin == self.base or (
                urlsplit(origin).scheme == urlsplit(self.base).scheme and urlsplit(origin).netloc == headers.get("host")
            )
        if "cookie" in headers:
            return False
        bearer = headers.get("authorization", "").lower().startswith("bearer ")
        return bearer or scope["path"].startswith((FOR_MAIL_PROGRAMS, *FOR_PROGRAMS))


async def _refuse(send: Send) -> None:
    body = b"This request came from another site and was refused. Nothing was changed."
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                (b"vary", b"Sec-Fetch-Site, Origin"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
