"""The command line ``crm``: what an administrator does, and what slices contribute."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from crm import migrate
from crm.bench import commands as bench
from crm.commands import Json, end, group, installation, progress, say, use_registry, writer
from crm.config import get_settings
from crm.doctor import examine
from crm.errors import Refusal
from crm.identity import queries as identity_queries, service as identity
from crm.slices import REGISTRY
from crm.text import N_, plural
from crm.viewer import Role

app = typer.Typer(
    name="crm",
    help="Tenure: which customers need whom, now, and why?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _make_ready() -> dict[str, Any]:
    """Database, secrets and schema; harmless when they are there."""
    with installation(current=False) as here:
        here.settings.secret_key()
        before = migrate.current(here.database)
        after = migrate.upgrade(here.database) if before != migrate.head() else before
        return {
            "database": here.database.url.render_as_string(hide_password=True),
            "schema": after,
            "created": before is None,
            "migrated": before != after,
        }


@app.command()
def init(as_json: Json = False) -> None:
    """Make the database and the secrets in CRM_DATA_DIR."""
    result = _make_ready()
    if result["created"]:
        say(N_("Ready: %(database)s"), database=result["database"])
    else:
        say(N_("Was ready already: %(database)s"), database=result["database"])
    end(result, as_json=as_json)


@app.command("migrate")
def migrate_(as_json: Json = False) -> None:
    """Bring the database's schema up to date."""
    with installation(current=False) as here:
        before = migrate.current(here.database)
        after = migrate.upgrade(here.database)
    if before == after:
        say(N_("The schema was up to date (%(revision)s)."), revision=after)
    else:
        say(N_("The schema is now at %(revision)s."), revision=after)
    end({"from": before, "to": after}, as_json=as_json)


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Web processes; more than one needs PostgreSQL.")] = 1,
) -> None:
    """Serve the pages, and do the background work unless CRM_WORKER=none."""
    import uvicorn

    settings = get_settings()
    ready = _make_ready()
    if workers > 1 and ready["database"].startswith("sqlite"):
        raise Refusal(N_("Several web processes need PostgreSQL: set CRM_DATABASE_URL, or leave out --workers."))
    _refuse_taken_port(settings.host, settings.port)
    say(N_("Tenure is at %(address)s — Ctrl+C stops it."), address=settings.effective_base_url)
    sys.stdout.flush()
    uvicorn.run(
        "crm.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as taken:
            raise Refusal(
                N_("Cannot listen on %(host)s:%(port)s (%(reason)s). Choose another with CRM_PORT=8001."),
                host=host,
                port=str(port),
                reason=taken.strerror or "",
            ) from taken


@app.command()
def worker() -> None:
    """Do background work until stopped; any number may run."""
    from crm.worker import run_worker

    with installation() as here:
        run_worker(here.database, here.registry)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at everything that can be wrong, and say what to do."""
    with installation(current=False) as here:
        findings = examine(here.database, here.settings)
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {writer()(finding.words)}")
    bad = sum(not finding.ok for finding in findings)
    say(plural(N_("%(n)s thing to mend."), N_("%(n)s things to mend."), bad) if bad else N_("All is well."))
    result = {"findings": [{"check": one.key, "ok": one.ok, "words": one.words} for one in findings]}
    end({"ok": not bad, **result}, as_json=as_json, code=1 if bad else 0)


@app.command()
def demo(
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the demo away again, with all that was added.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fill an empty installation with the demo."""
    from crm.demo import make_demo, refuse_unless_empty, remove_demo

    if remove:
        _make_ready()
        with installation() as here:
            remove_demo(here.database)
        say(N_("The demo is gone; the installation is empty."))
        end({"demo": False}, as_json=as_json)
    _make_ready()
    with installation() as here, progress(N_("Making the demo")) as shown:
        refuse_unless_empty(here.database)
        here.database.note(identity.claim_for_demo)
        try:
            made = make_demo(here.database, here.registry, lambda done, words="": shown(int(done * 100), 100))
            here.database.note(identity.finish_demo)
        except BaseException:
            here.database.note(identity.give_installation_back)
            raise
    say(N_("The demo is ready: start the server and enter by one of the buttons."))
    end({"demo": True, **(made or {})}, as_json=as_json)


def _user_commands(app: typer.Typer) -> None:
    users = group(app, "user", "People who sign in.")

    @users.command("add")
    def add_user(
        email: str,
        name: str,
        role: Annotated[Role, typer.Option(help="What they do here.")] = Role.RELATIONSHIP_MANAGER,
        team: Annotated[str | None, typer.Option(help="Their team; made if there is none of that name.")] = None,
        language: Annotated[str | None, typer.Option(help="en or fr")] = None,
        password_stdin: Annotated[
            bool, typer.Option("--password-stdin", help="Read the password from standard input; else one is made.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Let a colleague sign in."""
        password = sys.stdin.readline().rstrip("\n") if password_stdin else identity.make_password()
        with installation() as here, here.database.unit_of_work() as session:
            with suppress(identity.AlreadyBegun):
                identity.claim_installation(session, identity_queries.OWN)
            found = identity_queries.team_by_name(session, team) if team else None
            if team and found is None:
                found = identity.create_team(session, team)
            user = identity.create_user(
                session, name=name, email=email, role=role, team=found, password=password, language=language
            )
            result = {"id": str(user.id), "email": user.email, "role": user.role.value}
        say(N_("%(name)s may sign in as %(email)s."), name=name, email=result["email"])
        if not password_stdin:
            say(N_("Their first password, shown once: %(password)s"), password=password)
            result["password"] = password
        end(result, as_json=as_json)


_user_commands(app)
bench.add_commands(app)
use_registry(REGISTRY)
for _one in REGISTRY.slices:
    for _add in _one.commands:
        _add(app)


def run() -> None:
    """The entry point: a refusal is one plain sentence and exit code 2."""
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
    except typer.Exit as ended:  # Typer carries a click of its own, so click's classes would not match
        raise SystemExit(ended.exit_code) from None
    except typer.Abort:
        raise SystemExit(130) from None
    except TyperException as wrong:
        _fail(wrong.format_message(), as_json, 2)
    except migrate.SchemaIsNewer as newer:
        _fail(writer()(newer.sentence), as_json, 3)
    except Refusal as refused:
        _fail(writer()(refused.sentence), as_json, 2)
    else:
        raise SystemExit(code if isinstance(code, int) else 0)


def _fail(sentence: str, as_json: bool, code: int) -> None:
    typer.echo(sentence, err=True)
    if as_json:
        with suppress(typer.Exit):
            end({"error": sentence}, as_json=True, code=code)
    raise SystemExit(code)


if __name__ == "__main__":
    run()
