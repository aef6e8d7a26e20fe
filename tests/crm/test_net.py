"""Addresses that people typed lead to public hosts only, and nowhere else a moment later."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm import net
from crm.errors import Invalid

NOT_OURS = """
http://public.example.com/ ftp://public.example.com/ file:///etc/passwd gopher://x.example/ //x.example/ x.example
javascript:1 https:// https:/// https://? https://localhost/ https://LOCALHOST./ https://localhost.localdomain/ https://printer.local/
https://db.internal/ https://intranet/ https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f000001/ https://0x7f.1/
https://017700000001/ https://0/ https://0.0.0.0/ https://10.1.2.3/ https://172.16.0.1/ https://192.168.1.1/ https://169.254.169.254/
https://100.64.0.1/ https://198.18.0.1/ https://224.0.0.1/ https://240.0.0.1/ https://255.255.255.255/ https://[::1]/ https://[::]/
https://[::ffff:127.0.0.1]/ https://[::ffff:10.0.0.1]/ https://[::127.0.0.1]/ https://[fe80::1]/ https://[fc00::1]/ https://[ff02::1]/
https://[64:ff9b::7f00:1]/ https://[64:ff9b:1::1]/ https://[2002:7f00:1::]/ https://[2001:0:1::1]/ https://[2001:db8::1]/
https://user@public.example.com/ https://user:pw@public.example.com/ https://public.example.com:22/ https://public.example.com:80/
https://public.example.com:99999/ https://public.example.com:x/ https://a\\b.example/ https://a%20b/ https://a..b.example/
https://public.example.com\\@127.0.0.1/ https://[::1 https://-.- https://１２７.0.0.1/ https://ⓛocalhost/
""".split()


@pytest.mark.parametrize(
    "url", [*NOT_OURS, "https://a b.example/", "https://a.example/\r\nX: y", "", " ", "https://a.example/\x00"]
)
def test_what_is_no_public_address_is_refused_before_anything_is_asked(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(Invalid):
        net.target_of(url)
    with pytest.raises(net.Unreachable):
        net.ask(url, most_bytes=10)


def test_public_addresses_are_taken_apart() -> None:
    target = net.target_of("webcal://Calendar.Example.com/private-x/basic.ics?a=b")
    assert (target.host, target.port, target.path) == ("calendar.example.com", 443, "/private-x/basic.ics?a=b")
    assert net.target_of("https://8.8.8.8/").host == "8.8.8.8"


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["::ffff:192.168.0.1"], ["169.254.169.254"], ["fd00::1"]],
)
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in answers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    connected: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *a, **_k: connected.append(a))
    with pytest.raises(net.Unreachable, match="private"):
        net.ask("https://rebind.example.com/", most_bytes=10)
    assert connected == []


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers otherwise the second time is not asked a second time."""
    asked: list[str] = []

    def once(host: str, *_a: Any, **_k: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8" if len(asked) == 1 else "127.0.0.1", 443))]

    connected: list[Any] = []

    def connect(address: Any, _timeout: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", once)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(net.Unreachable):
        net.ask("https://rebind.example.com/", most_bytes=10)
    assert connected == [("8.8.8.8", 443)]
    assert asked == ["rebind.example.com"]


def test_addresses_are_public_or_not() -> None:
    assert net.is_public(ipaddress.ip_address("8.8.8.8"))
    assert net.is_public(ipaddress.ip_address("2606:4700::1111"))
    assert not net.is_public(ipaddress.ip_address("::ffff:127.0.0.1"))


# --- a server of our own, named in the settings ----------------------------------------------------------------------


class Server:
    def __init__(self, folder: Path) -> None:
        self.answer = b""
        self.drip = 0.0
        self.requests: list[bytes] = []
        key, certificate = folder / "key.pem", folder / "cert.pem"
        subprocess.run(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
            f"subjectAltName=DNS:localhost -keyout {key} -out {certificate}".split(),
            check=True,
            capture_output=True,
        )
        self.certificate = certificate
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.context = context
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as wire:
                    self.requests.append(wire.recv(65_536))
                    for place in range(0, len(self.answer), 1 if self.drip else 1 << 20):
                        wire.sendall(self.answer[place : place + (1 if self.drip else 1 << 20)])
                        time.sleep(self.drip)
            except OSError:
                continue


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server(tmp_path)
    monkeypatch.setattr(net, "PORTS", frozenset({made.port}))
    trusting = ssl.create_default_context(cafile=str(made.certificate))
    monkeypatch.setattr(net, "tls_context", lambda: trusting)
    yield made
    made.listener.close()


named = pytest.mark.settings(private_hosts="localhost")


@named
def test_a_host_named_in_the_settings_is_asked_and_its_certificate_checked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nhello"
    answer = net.ask(f"https://localhost:{server.port}/path?q=1", most_bytes=100)
    assert (answer.status, answer.body, answer.headers["x-y"]) == (200, b"hello", "z")
    assert server.requests[0].startswith(b"GET /path?q=1 HTTP/1.1\r\nHost: localhost")
    monkeypatch.setattr(net, "tls_context", ssl.create_default_context)
    with pytest.raises(net.Unreachable, match="CERTIFICATE"):
        net.ask(f"https://localhost:{server.port}/", most_bytes=100)


def test_without_the_setting_it_is_refused(server: Server) -> None:
    with pytest.raises(net.Unreachable):
        net.ask(f"https://localhost:{server.port}/", most_bytes=100)
    assert server.requests == []


@named
def test_a_redirect_is_an_answer_and_is_not_followed(server: Server) -> None:
    server.answer = b"HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    assert net.ask(f"https://localhost:{server.port}/", most_bytes=100).status == 302
    assert len(server.requests) == 1


@named
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_more_than_was_allowed_is_not_read(server: Server, head: bytes) -> None:
    server.answer = head + b"x" * 5_000
    with pytest.raises(net.Unreachable, match="more than"):
        net.ask(f"https://localhost:{server.port}/", most_bytes=1_000)


@named
def test_a_server_that_drips_is_left(server: Server) -> None:
    server.answer, server.drip = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500 + b"\r\n", 0.05
    began = time.monotonic()
    with pytest.raises(net.Unreachable):
        net.ask(f"https://localhost:{server.port}/", most_bytes=1_000, timeout_s=1)
    assert time.monotonic() - began < 4


@named
def test_what_is_no_http_is_unreachable(server: Server) -> None:
    server.answer = b"SSH-2.0-OpenSSH\r\n"
    with pytest.raises(net.Unreachable):
        net.ask(f"https://localhost:{server.port}/", most_bytes=1_000)
