"""Asking addresses that people typed: https only, public addresses only, one answer of bounded size in bounded time.

The name is resolved once, every address it has must be public, and the connection goes to that very address, so that a
name which answers differently a moment later leads nowhere else. Redirects are not followed and no proxy is asked.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crm.config import get_settings
from crm.errors import Invalid
from crm.text import N_, Text

PORTS = frozenset({443, 8443})
TIMEOUT_S = 15.0
LONGEST = 2_000  # letters of an address

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(OSError):
    """Not a public https address, or no answer within the limits.

    ``sentence`` is for whoever gave the address, and holds no secret.
    """

    def __init__(self, sentence: str | Text, **values: Any) -> None:
        self.sentence = sentence if isinstance(sentence, Text) else Text(sentence, values)
        super().__init__(str(self.sentence))


@dataclass(frozen=True)
class Target:
    """An address taken apart once; what is checked is what is connected to."""

    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        return f"https://{self.host}" + ("" if self.port == 443 else f":{self.port}")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes


def target_of(url: str) -> Target:
    """The address that ``url`` means, by one strict grammar. Raises ``Invalid`` with a sentence for who typed it."""
    url = url.strip()
    if url[:9].lower() == "webcal://":  # what calendars call https
        url = "https://" + url[9:]
    if len(url) > LONGEST or any(letter <= " " or letter in '\\"<>^`{|}' or letter > "~" for letter in url):
        raise Invalid(N_("That is not an address; it begins with https:// and holds no spaces."))
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    except ValueError as wrong:
        raise Invalid(N_("That is not an address; it begins with https:// and holds no spaces.")) from wrong
    if parts.scheme.lower() != "https":
        raise Invalid(N_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None or not host:
        raise Invalid(N_("The address must name a host, and hold no user name or password before it."))
    if port not in PORTS:
        raise Invalid(N_("The address may use the ports 443 and 8443 only."))
    if not is_allowed_host(host):
        literal = _literal(host)
        if literal is not None and not is_public(literal):
            raise Invalid(N_("That address lies in a private network; Tenure asks public addresses only."))
        if literal is None and not _is_name(host):
            raise Invalid(N_("That is not the name of a public host."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path)


def is_allowed_host(host: str) -> bool:
    """A host in the company's own network that the administrator of the machine has named."""
    return host.lower() in {name.strip().lower() for name in get_settings().private_hosts.split(",") if name.strip()}


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    """A name with a dot whose last part is no number: 0x7f.1, 017700000001 and localhost are no names of others."""
    labels = host.split(".")
    fine = all(
        label
        and label[0] != "-"
        and label[-1] != "-"
        and len(label) <= 63
        and label.replace("-", "a").replace("_", "a").isalnum()
        for label in labels
    )
    return fine and len(labels) > 1 and not labels[-1][0].isdigit() and labels[-1].lower() not in _LOCAL


_LOCAL = {"localhost", "local", "internal", "lan", "home", "corp", "intranet", "localdomain", "arpa", "onion"}
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def is_public(address: Address) -> bool:
    """Reachable by everybody; what hides an IPv4 address in an IPv6 one is judged by the former."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
        if address.teredo is not None or any(address in network for network in _NAT64):
            return False
        if int(address) >> 32 == 0:  # ::a.b.c.d
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(target: Target) -> str:
    """The one address to connect to; refused when any of the name's addresses is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as problem:
        raise Unreachable(N_("%(host)s cannot be found"), host=target.host) from problem
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not addresses:
        raise Unreachable(N_("%(host)s cannot be found"), host=target.host)
    if not is_allowed_host(target.host):
        for address in addresses:
            if not is_public(ipaddress.ip_address(address)):
                raise Unreachable(N_("%(host)s leads to a private address"), host=target.host)
    return addresses[0]


def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address that was checked, under the name that was typed."""

    def __init__(self, target: Target, address: str, timeout_s: float) -> None:
        self._tls = tls_context()
        super().__init__(target.host, target.port, timeout=timeout_s, context=self._tls)
        self._address = address
        self.wire: ssl.SSLSocket | None = None

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self.wire = self._tls.wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End whatever is still being sent or awaited; the waiting side sees the end of the stream."""
        with suppress(OSError):
            if self.wire is not None:
                self.wire.shutdown(socket.SHUT_RDWR)


def ask(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    most_bytes: int,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """One request, one answer of at most ``most_bytes``, within ``timeout_s`` in all. Raises ``Unreachable``."""
    try:
        target = target_of(url)
    except Invalid as wrong:
        raise Unreachable(wrong.sentence) from wrong
    until = time.monotonic() + timeout_s
    address = resolve(target)
    connection = _Pinned(target, address, timeout_s)
    watch = threading.Timer(timeout_s, connection.cut)  # a server that drips a byte a second resets every other limit
    watch.daemon = True
    watch.start()
    try:
        connection.request(method, target.path, body, {"User-Agent": "Tenure", "Accept": "*/*", **(headers or {})})
        answer = connection.getresponse()
        content = bytearray()
        while True:
            if time.monotonic() > until:
                raise Unreachable(N_("%(host)s takes longer than %(s)s s"), host=target.host, s=round(timeout_s))
            part = answer.read1(65_536)
            if not part:
                break
            content += part
            if len(content) > most_bytes:
                raise Unreachable(
                    N_("%(host)s answers with more than %(kb)s KB"), host=target.host, kb=most_bytes // 1024
                )
        if time.monotonic() > until:
            raise Unreachable(N_("%(host)s takes longer than %(s)s s"), host=target.host, s=round(timeout_s))
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, bytes(content))
    except Unreachable:
        raise
    except (OSError, http.client.HTTPException, ValueError) as problem:
        # The kind of failure alone: words of a library may repeat the address, which is a secret.
        reason = problem.reason if isinstance(problem, ssl.SSLError) and problem.reason else type(problem).__name__
        raise Unreachable(N_("%(host)s cannot be reached (%(reason)s)"), host=target.host, reason=reason) from problem
    finally:
        watch.cancel()
        connection.close()
