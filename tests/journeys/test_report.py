"""The PDF report, from the button to its words."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from crm.pdf import missing_library
from tests.journeys.conftest import OpenPage, Served

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(missing_library() is not None, reason="Pango is not installed"),
]


@pytest.mark.parametrize(
    ("language", "internal", "named"), [("en", "Internal", "Next steps"), ("fr", "Interne", "Prochaines actions")]
)
def test_the_report_says_what_the_page_says(
    demo: Served, open_page: OpenPage, tmp_path: Path, language: str, internal: str, named: str
) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/accounts?q=Halden")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/accounts/*")
    score = page.locator(".score__value").first.inner_text()
    href = page.locator(f'a[href*="/report?lang={language}"]').first.get_attribute("href")
    answer = page.request.get(f"{demo.address}{href}")
    assert answer.headers["content-type"] == "application/pdf"
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(answer.body())
    words = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True).stdout.decode()
    pages = [one for one in words.split("\f") if one.strip()]
    assert 1 <= len(pages) <= 3
    assert all(internal in one for one in pages)
    assert "Halden Logistics" in pages[0]
    assert score in pages[0]
    assert named in words


def test_the_brief_of_the_fullest_account_is_one_page(demo: Served, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(demo, "relationship_manager")
    page.goto("/accounts?q=Halden")
    account = page.locator("tbody a").first.get_attribute("href")
    pdf = tmp_path / "brief.pdf"
    pdf.write_bytes(page.request.get(f"{demo.address}{account}/brief.pdf").body())
    words = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True).stdout.decode()
    pages = [one for one in words.split("\f") if one.strip()]
    assert len(pages) == 1
    why, _score, after = words.partition("Why the score")[2].partition("\nScore")
    assert re.search(r"and \d+ smaller reasons", why)  # nothing is dropped without a word, and the sum is whole
    points = [float(one.replace("−", "-")) for one in re.findall(r" (−?\d+\.\d\d)$", why, re.MULTILINE)]
    score = float(after.partition("\n")[0].split()[-1])
    assert sum(points) == pytest.approx(score, abs=0.05)
    assert "Last talks" in after
