"""``crm report account``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from accounts.finding import account_named
from crm import clock
from crm.commands import Json, end, group, installation, say
from crm.text import N_
from reports.account_report import account_report
from reports.printing import print_report


def add_commands(app: typer.Typer) -> None:
    reports = group(app, "report", "Reports as PDF.")

    @reports.command("account")
    def report_account(
        account: Annotated[str, typer.Argument(help="Its id, external id or exact name.")],
        out: Annotated[Path, typer.Option("--out", help="Where to write the PDF.")],
        lang: Annotated[Literal["en", "fr"] | None, typer.Option(help="Default: CRM_LANGUAGE.")] = None,
        as_json: Json = False,
    ) -> None:
        """Write the internal report on an account."""
        with installation() as here, here.database.reading() as session:
            language = lang or here.settings.language
            book = here.registry.book
            now = book.time(session, clock.now()).now if book else clock.now()
            found = account_named(session, here.viewer, account)
            report = account_report(session, here.viewer, here.registry, found, now=now, language=language)
            pdf = print_report(report, language=language, time_zone=here.settings.time_zone)
            result: dict[str, Any] = {"account": str(found.id), "name": found.name, "file": str(out), "bytes": len(pdf)}
        out.write_bytes(pdf)
        say(N_("%(name)s: %(file)s"), name=result["name"], file=result["file"])
        end(result, as_json=as_json)
