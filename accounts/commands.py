"""``crm accounts list``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from accounts.asof import later_is_known
from accounts.listing.columns import ACCOUNT_COLUMNS
from accounts.listing.query import Scope, columns_for, read_query
from accounts.listing.statement import read_page
from crm import clock
from crm.commands import Json, end, group, installation, say
from crm.contracts import ColumnContext
from crm.text import N_, plural


def add_commands(app: typer.Typer) -> None:
    accounts = group(app, "accounts", "Accounts.")

    @accounts.command("list")
    def list_accounts(
        search: Annotated[str, typer.Option(help="Part of the name, or the whole domain or external id.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1_000,
        as_json: Json = False,
    ) -> None:
        """List accounts by name, with owner, stage, tier, ARR and day of decision."""
        with installation() as here, here.database.reading() as session:
            book = here.registry.book
            now = book.time(session, clock.now()).now if book else clock.now()
            context = ColumnContext(here.viewer, now, clock.day_of(now), later_is_known(session, now))
            columns = columns_for(ACCOUNT_COLUMNS, here.viewer)
            query = read_query(
                [("scope", Scope.ALL.value), ("sort", "account"), ("q", search), ("stage", "any")], columns, here.viewer
            )
            shown = [column for column in columns if not column.hidden]
            found = read_page(session, columns, shown, query, context, limit)
            rows: list[dict[str, Any]] = [
                {column.key: column.csv(row.values[column.key]) for column in shown} for row in found.rows
            ]
        if as_json:
            end({"accounts": rows, "count": len(rows), "more": bool(found.next)}, as_json=True)
        for row in rows:
            money = f"{row['arr']:>12} {row['currency']}" if row["arr"] is not None else ""
            day = row["decides"].isoformat() if row["decides"] else "-"
            who = row["owner"] or "-"
            typer.echo(f"{row['id']:<20} {row['account']:<40.40} {who:<24.24} {row['stage']:<11} {money} {day}")
        say(plural(N_("%(n)s account"), N_("%(n)s accounts"), len(rows)))
        if found.next:
            say(N_("There are more; give --limit."))
        end({}, as_json=False)
