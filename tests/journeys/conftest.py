"""A served installation and a real browser: what a person does from the first page on.

Two installations a run, each in a folder of its own: one with the demo, one left empty. The browser is Chromium.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CRM_TEST_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@dataclass(frozen=True)
class Served:
    """A running installation."""

    address: str
    data_dir: Path


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _crm(data_dir: Path, *arguments: str, **more: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "crm.cli", *arguments], check=True, cwd=ROOT, env=_environment(data_dir, **more)
    )


def _environment(data_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    return {**kept, "CRM_DATA_DIR": str(data_dir), "CRM_SQLITE_SYNCHRONOUS": "NORMAL", **more}


def serve(data_dir: Path, **more: str) -> Iterator[Served]:
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with (data_dir / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "crm.cli", "serve"],
            cwd=ROOT,
            env=_environment(data_dir, CRM_PORT=str(port), **more),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"{address}/healthz", server)
            yield Served(address, data_dir)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1_200):
        if server.poll() is not None:
            raise RuntimeError("The server stopped before it answered; see server.log beside its data.")
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server did not answer within two minutes.")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo as anybody gets it."""
    data_dir = tmp_path_factory.mktemp("demo")
    _crm(data_dir, "init")
    _crm(data_dir, "demo")
    yield from serve(data_dir)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """An installation nobody has used."""
    yield from serve(tmp_path)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(_playwright: Playwright) -> Iterator[Browser]:
    browser = _playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


OpenPage = Callable[..., Page]


def speak(page: Page, language: str) -> None:
    """By the button in the menu of every page."""
    button = page.locator(f"button[name=language][value={language}]").first
    with page.expect_navigation():
        button.evaluate("button => button.form.requestSubmit(button)")


@contextmanager
def opened(chromium: Browser) -> Iterator[OpenPage]:
    """``open_page(served, "relationship_manager", javascript=False, theme="dark", width=390)``.

    Anything that a page writes to the console as an error, and any answer of 500 or more, fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_(
        served: Served,
        role: str | None = None,
        *,
        javascript: bool = True,
        theme: Any = "light",
        width: int = 1280,
        language: str = "en",
    ) -> Page:
        context = chromium.new_context(
            base_url=served.address,
            java_script_enabled=javascript,
            color_scheme=theme,
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            viewport={"width": width, "height": 900},
            bypass_csp=False,
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda said: _keep(problems, said.type, said.text))
        page.on("pageerror", lambda wrong: problems.append(str(wrong)))
        page.on("response", lambda answer: _keep_failed(problems, answer.status, answer.url))
        page.goto("/")
        if role is not None:
            page.locator(f"[data-role={role}]").click()
            page.wait_for_url("**/")
            if page.locator("html").get_attribute("lang") != language:  # another journey left them so
                speak(page, language)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    with opened(chromium) as open_:
        yield open_


def _keep(problems: list[str], kind: str, words: str) -> None:
    # A 4xx is an answer that some journeys ask for; the browser writes it down as an error all the same.
    if kind == "error" and "the server responded with a status of 4" not in words:
        problems.append(words)


def _keep_failed(problems: list[str], status: int, address: str) -> None:
    if status >= 500:
        problems.append(f"{status} {address}")
