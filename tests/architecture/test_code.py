"""Rules of the whole product that can be held by reading its code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("crm", "accounts", "support", "health_scores", "reports")
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in path.as_posix()
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every call in ``path``."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_only_the_database_module_commits() -> None:
    allowed = {"crm/db.py"}
    found = [
        f"{name_of(path)}:{line}"
        for path in MODULES
        if name_of(path) not in allowed
        for line, name in calls(path)
        if name.endswith(".commit")
    ]
    assert found == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    allowed = {"crm/clock.py"}
    asking = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in MODULES
        if name_of(path) not in allowed
        for line, name in calls(path)
        if name in asking
    ]
    assert found == []


def test_pages_start_at_what_the_viewer_may_see() -> None:
    """Routes ask queries, which decide that; they select from no table themselves."""
    edges = [path for path in MODULES if path.name == "routes.py" or path.parent.name == "routes"]
    found = [
        f"{name_of(path)}:{line}"
        for path in edges
        for line, name in calls(path)
        if name in ("select", "core_select", "sqlmodel.select", "sqlalchemy.select")
    ]
    assert edges
    assert found == []


def test_no_error_is_swallowed() -> None:
    """``except …: pass`` and a bare ``except`` hide what went wrong; ``contextlib.suppress`` names what may."""
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            empty = all(isinstance(one, ast.Pass) for one in node.body)
            if broad and empty:
                found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_locks_carry_hashes_and_name_no_host(path: Path) -> None:
    content = path.read_text("utf-8")
    assert "://" not in content
    pinned = [line for line in content.splitlines() if "==" in line]
    assert pinned
    assert content.count("--hash=sha256:") >= len(pinned)


def test_the_browser_assets_lock_names_no_host() -> None:
    assert "://" not in (ROOT / "package-lock.json").read_text("utf-8").replace('"url": "https://', "")
