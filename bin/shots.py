"""Pictures of pages: widths × themes × languages, to be looked at before a page is called done."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = os.environ.get("CRM_TEST_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
OUT = Path("var/shots")

# A pattern after ">" is looked for among the links of the page before it: the first match is pictured.
PAGES = (
    "/",
    "/accounts",
    r"/accounts > /accounts/\d+",
    "/tickets",
    r"/tickets > /tickets/\d+",
    "/import",
    "/styleguide",
    "/sign-in",
)
STRANGERS = ("/sign-in", "/welcome")  # pictured signed out
HEIGHTS = {1280: 900, 768: 1024, 390: 844, 320: 640}


def main() -> int:
    asked = _arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    taken, missed = 0, 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language in asked.languages:
            for theme in asked.themes:
                for width in asked.widths:
                    with _context(browser, asked.base, theme, width) as context:
                        for place in asked.pages:
                            signed_in = place.partition("?")[0] not in STRANGERS
                            if not _ready(context, asked, language, signed_in=signed_in):
                                return 1
                            name = f"{_slug(place)}-{width}-{theme}-{language}.png"
                            if _picture(context, place, OUT / name, full=asked.full):
                                taken += 1
                            else:
                                missed += 1
        browser.close()
    _tell(f"{taken} pictures in {OUT}/" + (f", {missed} pages could not be shown" if missed else ""))
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/shots", description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, metavar="PAGE", help="a path, or 'PATH > PATTERN'")
    parser.add_argument("--base", default=f"http://127.0.0.1:{os.environ.get('CRM_PORT', '8000')}")
    parser.add_argument("--as", dest="role", default="relationship_manager", metavar="ROLE")
    parser.add_argument("--widths", type=int, nargs="+", default=[1280, 390])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    parser.add_argument("--languages", nargs="+", default=["en", "fr"], choices=["en", "fr"])
    parser.add_argument("--full", action="store_true", help="the whole length of a page, not only its first screen")
    return parser.parse_intermixed_args()


def _context(browser: Browser, base: str, theme: str, width: int) -> BrowserContext:
    phone = width < 600
    return browser.new_context(
        base_url=base,
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        color_scheme="dark" if theme == "dark" else "light",
        is_mobile=phone,
        has_touch=phone,
        device_scale_factor=2 if phone else 1,
    )


def _ready(context: BrowserContext, asked: argparse.Namespace, language: str, *, signed_in: bool) -> bool:
    """Signs in by the demo's button for the role, or out, and sets the language."""
    if not signed_in:
        context.clear_cookies()
    elif not _signed_in(context):
        page = context.new_page()
        page.goto("/sign-in")
        button = page.locator(f"[data-role='{asked.role}']")
        if not button.count():
            _tell(f"There is no button to enter as {asked.role} at {page.url}: does the demo run?")
            return False
        button.first.click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.close()
    context.request.post(
        "/preferences", form={"language": language, "next": "/sign-in"}, headers={"Origin": asked.base}, max_redirects=0
    )
    return True


def _signed_in(context: BrowserContext) -> bool:
    return context.request.get("/", max_redirects=0).status == 200


def _picture(context: BrowserContext, place: str, path: Path, *, full: bool) -> bool:
    page = context.new_page()
    page.on("console", lambda said: _tell(f"  {place}: {said.text[:200]}") if said.type == "error" else None)
    page.on("pageerror", lambda error: _tell(f"  {place}: {error}"))
    try:
        if not _open(page, place):
            return False
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(150)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            _tell(f"  {place} is {beyond} px wider than the window ({path.name})")
        page.screenshot(path=path, full_page=full)
        return True
    finally:
        page.close()


def _open(page: Page, place: str) -> bool:
    path, _, pattern = (part.strip() for part in place.partition(">"))
    answer = page.goto(path)
    if pattern:
        links = [link.get_attribute("href") or "" for link in page.locator("main a[href]").all()]
        first = next((link for link in links if re.fullmatch(pattern, link.partition("?")[0])), None)
        answer = page.goto(first) if first else None
    if answer is None or answer.status >= 400:
        _tell(f"  {place}: {answer.status if answer else 'no such link'}")
        return False
    return True


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _slug(place: str) -> str:
    words = re.sub(r"\\d\+", "one", place).partition(">")
    return re.sub(r"[^a-z0-9]+", "-", (words[2] or words[0]).lower()).strip("-") or "today"


if __name__ == "__main__":
    sys.exit(main())
