"""What every command shares: the opened installation, one way to end, one way to show progress.

Each command takes ``--json``: one JSON object as the last line of standard output. Exit 0: done; 1: done with rejected
rows or an unmet bar; 2: wrong use or impossible, with one plain sentence; 3: the schema is newer than this code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from crm import clock, migrate
from crm.config import Settings, get_settings
from crm.contracts import Registry
from crm.db import Database, open_database
from crm.i18n.write import Writer
from crm.text import Text, text
from crm.viewer import Viewer, system_viewer

Json = Annotated[bool, typer.Option("--json", help="End with one JSON object on the last line.")]


@dataclass(frozen=True)
class Installation:
    """An opened database with everything that works on it; ``viewer`` is the product itself."""

    database: Database
    registry: Registry
    settings: Settings
    viewer: Viewer


_registry: Registry | None = None


def use_registry(registry: Registry) -> None:
    """What the entry point calls: it knows all slices, and slices import this module for their commands."""
    global _registry
    _registry = registry


@contextmanager
def installation(*, current: bool = True) -> Iterator[Installation]:
    """The installation that the environment names; ``current``: refuse a schema that is not up to date."""
    settings = get_settings()
    if _registry is None:
        raise RuntimeError("use_registry was not called: commands begin at crm.cli")
    registry = _registry
    database = open_database(settings)
    database.handlers = registry.handlers
    try:
        if current:
            migrate.ensure_current(database)
        yield Installation(database, registry, settings, system_viewer(settings.language, settings.time_zone))
    finally:
        database.dispose()


def group(app: typer.Typer, name: str, title: str) -> typer.Typer:
    """The sub-commands ``crm NAME …``, shared by the slices that add to them."""
    for known in app.registered_groups:
        if known.name == name and known.typer_instance is not None:
            return known.typer_instance
    made = typer.Typer(no_args_is_help=True)
    app.add_typer(made, name=name, help=title)
    return made


def writer() -> Writer:
    settings = get_settings()
    return Writer(settings.language, ZoneInfo(settings.time_zone), clock.now())


def say(sentence: str | Text, **values: Any) -> None:
    """A sentence on standard output."""
    typer.echo(writer()(sentence if isinstance(sentence, Text) else text(sentence, **values)))


def end(result: Mapping[str, Any], *, as_json: bool, code: int = 0) -> NoReturn:
    """The command's last word."""
    if as_json:
        typer.echo(json.dumps(_plain(result), ensure_ascii=False))
    raise typer.Exit(code)


def _plain(value: Any) -> Any:
    """JSON that any reader keeps whole: ids are strings, days and instants ISO 8601, sentences translated."""
    match value:
        case Text():
            return writer()(value)
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case str() | bool() | None | float():
            return value
        case int():
            return str(value) if abs(value) > 2**53 else value
        case list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


Shown = Callable[[int, int | None], None]


@contextmanager
def progress(title: str) -> Iterator[Shown]:
    """A bar on a terminal, silence in a pipe: call what it yields with (done so far, total or None)."""
    console = Console(stderr=True)
    if not (sys.stderr.isatty() and console.is_terminal):
        yield _unseen
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(writer().translations.gettext(title), total=None)

        def show(done: int, total: int | None) -> None:
            bars.update(task, completed=done, total=total)

        yield show


def _unseen(_done: int, _total: int | None) -> None:
    pass
