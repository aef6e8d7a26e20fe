"""``crm health …``: score, look, look back, fill the weeks before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts.models import Account
from accounts.names import fold
from crm import clock
from crm.commands import Json, end, group, installation, progress, say
from crm.config import get_settings
from crm.errors import Invalid, NotFound
from crm.text import N_, plural, text
from health_scores import asof, history
from health_scores.board import board
from health_scores.compute import compute
from health_scores.ledger import Line
from health_scores.models import HealthScore, HealthSnapshot
from health_scores.models.score import BAND_TITLES
from health_scores.points import exact
from health_scores.published import adopt_standard, ensure_published, published
from health_scores.queries import Standing, snapshot_of, standing_as_of, standing_of
from health_scores.recompute import InCommand, backfill, recompute_all, rescore, snapshot_day

AsOfDay = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The end of this day.")]


def add_commands(app: typer.Typer) -> None:
    health = group(app, "health", "Scores of accounts, and what they rest on.")
    health.command("recompute")(recompute)
    health.command("show")(show)
    health.command("backfill")(fill_back)
    health.command("adopt")(adopt)


def recompute(
    as_of: AsOfDay = None,
    account: Annotated[str | None, typer.Option(help="Only this one: id, external id or name.")] = None,
    as_json: Json = False,
) -> None:
    """Score every account as of now, or as of the end of a day and keep that as the day's snapshot."""
    began = time.monotonic()
    day = _day(as_of)
    with installation() as here, progress(N_("Scoring accounts")) as shown:
        work = InCommand(here.database, shown)
        if account is not None:
            with here.database.unit_of_work() as session:
                found = _find(session, account)
                scored = rescore(session, [found.id]) if day is None else _snapshot(session, found.id, day)
        else:
            scored = recompute_all(work) if day is None else snapshot_day(work, day)
        with here.database.reading() as session:
            bands = _bands(session, day)
    seconds = round(time.monotonic() - began, 2)
    say(plural(N_("%(n)s account scored in %(seconds)s s."), N_("%(n)s accounts scored in %(seconds)s s."), scored,
               seconds=seconds))  # fmt: skip
    end({"accounts": scored, "as_of": day, "bands": bands, "seconds": seconds}, as_json=as_json)


def show(
    account: Annotated[str, typer.Argument(help="Id, external id or name.")],
    as_of: AsOfDay = None,
    as_json: Json = False,
) -> None:
    """The score of an account, its band, what is known, and the lines that lead from 100 to it."""
    day = _day(as_of)
    with installation() as here, here.database.reading() as session:
        found = _find(session, account)
        if day is None:
            standing = standing_of(session, found.id)
        else:
            standing = standing_as_of(session, board(), found.id, day)
        stored = snapshot_of(session, found.id, day) if day is not None else None
    if standing is None:
        raise NotFound(N_("%(name)s has not been scored yet; run crm health recompute."), name=found.name)
    _say(found, standing, stored)
    end(_result(found, standing, stored), as_json=as_json)


def fill_back(
    weeks: Annotated[int, typer.Option(min=1, max=104, help="How many weeks before now.")] = 52,
    as_json: Json = False,
) -> None:
    """Snapshots of the ends of past weeks, from what is known now and marked so; days taken in their own time stay."""
    with installation() as here, progress(N_("Scoring past weeks")) as shown:
        work = InCommand(here.database, shown)
        days = backfill(work, weeks)
        scored = recompute_all(work)
    say(plural(N_("%(n)s past week scored."), N_("%(n)s past weeks scored."), days))
    end({"weeks": days, "accounts": scored}, as_json=as_json)


def adopt(as_json: Json = False) -> None:
    """Publish the standard model of this release as a new version, and score every account by it."""
    with installation() as here:
        with here.database.unit_of_work() as session:
            before = published(session).version
            model = adopt_standard(session)
        if model.version != before:
            with progress(N_("Scoring accounts")) as shown:
                recompute_all(InCommand(here.database, shown))
    if model.version == before:
        say(N_("Version %(version)s is the standard model of this release already."), version=before)
    else:
        say(N_("Version %(version)s is in use now; it was version %(before)s."), version=model.version, before=before)
    end({"version": model.version, "before": before}, as_json=as_json)


# --- one account


def _find(session: Session, wanted: str) -> Account:
    open_ = select(Account).where(col(Account.closed_at).is_(None))
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 20:
        by_id: Account | None = session.execute(open_.where(col(Account.id) == int(wanted))).scalar()
        if by_id is not None:
            return by_id
    for condition in (col(Account.external_id) == wanted, col(Account.name_folded) == fold(wanted)):
        some: Sequence[Account] = session.execute(open_.where(condition).limit(2)).scalars().all()
        if len(some) == 1:
            return some[0]
        if some:
            raise Invalid(N_("Several accounts are named %(name)s; give the id instead."), name=wanted)
    raise NotFound(N_("There is no account %(name)s."), name=wanted)


def _snapshot(session: Session, account_id: int, day: date) -> int:
    """One account's snapshot of ``day``."""
    as_of = asof.end_of_day(day)
    ensure_published(session)
    computed = compute(
        session,
        board(),
        published(session, at=as_of.t),
        as_of,
        known_at=clock.now(),
        before=history.bands_before(session, day, [account_id]),
        account_ids=[account_id],
    )
    rows = history.snapshot_rows(computed, hindsight=history.is_hindsight(day, clock.today()))
    history.write_snapshots(session, rows)
    return len(rows)


def _day(as_of: datetime | None) -> date | None:
    if as_of is None:
        return None
    if as_of.date() > clock.today():
        raise Invalid(N_("%(day)s has not come yet."), day=as_of.date())
    return as_of.date()


def _bands(session: Session, day: date | None) -> Mapping[str, int]:
    band: Any = col(HealthScore.band)
    counted = select(band, func.count()).group_by(band)
    if day is not None:
        band = history.BAND
        counted = select(band, func.count()).where(col(HealthSnapshot.day) == day).group_by(band)
    return {str(name): n for name, n in session.execute(counted)}


# --- words


def _say(account: Account, standing: Standing, stored: HealthSnapshot | None) -> None:
    measures = board().measures
    band = text(BAND_TITLES[standing.band])
    if standing.score is None:
        say(text("%(name)s: %(band)s", name=account.name, band=band))
    else:
        say(text("%(name)s: %(score)s, %(band)s", name=account.name, score=standing.score, band=band))
    say(N_("Known: %(share)s %%, model %(version)s, as of %(t)s."),
        share=standing.share_known, version=standing.model.version, t=standing.t)  # fmt: skip
    if (why := standing.why_limited) is not None:
        say(why)
    for line in standing.lines:
        say(text("%(points)s  %(words)s", points=f"{exact(line.points):+8.2f}", words=line.words(measures)))
    lost = exact(10_000 - standing.points)
    say(text("100 \N{MINUS SIGN} %(lost)s = %(score)s", lost=f"{lost:.2f}", score=f"{exact(standing.points):.2f}"))
    for unknown in standing.unknown:
        measure = measures.get(unknown.key)
        if measure is not None:
            say(
                text(
                    N_("Unknown: %(measure)s. %(missing)s"), measure=text(measure.title), missing=text(measure.missing)
                )
            )
    if stored is not None and stored.restated_hundredths is not None:
        say(N_("On that day it was said to be %(score)s; what became known later restated it."),
            score=exact(stored.score_hundredths))  # fmt: skip


def _result(account: Account, standing: Standing, stored: HealthSnapshot | None) -> Mapping[str, Any]:
    measures = board().measures

    def told(line: Line) -> Mapping[str, Any]:
        dimension = measures[line.key].dimension if line.key in measures else None
        return {
            "kind": line.kind,
            "measure": line.key or None,
            "dimension": dimension,
            "points": exact(line.points),
            "reason": line.words(measures),
        }

    return {
        "account": str(account.id),
        "name": account.name,
        "title": text(standing.title),
        "score": standing.score,
        "points": exact(standing.points),
        "band": standing.band.value,
        "coverage": exact(standing.coverage),
        "limits": standing.limits,
        "why_limited": standing.why_limited,
        "as_of": standing.t,
        "known_at": standing.known_at,
        "model": standing.model.version,
        "priors_on": standing.priors_on,
        "ledger": [told(line) for line in standing.lines],
        "unknown": [one.key for one in standing.unknown],
        "snapshot": None if stored is None else {
            "points": exact(stored.score_hundredths),
            "band": stored.band,
            "restated": None if stored.restated_hundredths is None else exact(stored.restated_hundredths),
            "hindsight": stored.hindsight,
        },
        "zone": get_settings().time_zone,
    }  # fmt: skip
