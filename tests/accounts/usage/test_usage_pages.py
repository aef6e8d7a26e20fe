"""Usage on the account, in the list, in the file and on a page of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.invoices.importing import Bill, write_bills
from accounts.models import Account
from accounts.nps.importing import answer_of, write_answers
from accounts.usage.models import UsageMetric
from health_scores.default_model import DEFINITION, VERSION
from health_scores.models import HealthModel
from health_scores.published import adopt_standard, built_in, is_standard, published
from health_scores.recompute import InSession, recompute_all
from tests.accounts.usage.conftest import TODAY, Use

MakeAccount = Callable[..., Account]
CountQueries = Callable[[Callable[[], object]], int]

FALLING = dict.fromkeys(range(1, 120), 100.0) | dict.fromkeys(range(1, 29), 60.0)


def test_the_account_shows_each_metric_against_its_normal_and_seats(
    session: Session, make_account: MakeAccount, use: Use, as_ana: TestClient
) -> None:
    account = make_account("Halden", seats=126)
    use(account, FALLING)
    use(account, dict.fromkeys(range(1, 100), 9.0), "Reports")
    session.commit()
    page = as_ana.get(f"/accounts/{account.id}").text
    assert "100 of 126 seats active" not in page  # the most of the last four weeks is 60
    assert "60 of 126 seats active" in page
    assert re.search("40\\s?% below normal", page)
    assert page.index("Active users") < page.index(">Reports<")
    assert "nothing told since" not in page


def test_what_was_told_long_ago_says_so(session: Session, acme: Account, use: Use, as_ana: TestClient) -> None:
    use(acme, dict.fromkeys(range(20, 100), 5.0))
    session.commit()
    assert "nothing told since 3 Nov" in as_ana.get(f"/accounts/{acme.id}").text


def test_the_days_behind_a_figure_come_by_pages_with_what_was_corrected(
    session: Session, acme: Account, use: Use, as_ana: TestClient
) -> None:
    from accounts.usage.importing import Figure, write_figures
    from accounts.usage.models import day_number

    use(acme, {ago: float(ago) for ago in range(1, 100)}, "Logins")
    write_figures(session, [], [Figure(acme.id, "logins", "", day_number(TODAY) - 3, 777_000)])
    session.commit()
    metric = session.exec(select(UsageMetric.id)).one()
    page = as_ana.get(f"/accounts/{acme.id}/usage?metric={metric}").text
    assert "777" in page
    following = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert f"metric={metric}" in following
    assert as_ana.get(following).status_code == 200
    assert as_ana.get(f"/accounts/{acme.id}/usage?metric=99").status_code == 404
    assert as_ana.get(f"/accounts/{acme.id}/usage?metric=x").status_code == 422


def test_nothing_known_offers_the_import(acme: Account, as_ana: TestClient) -> None:
    page = as_ana.get(f"/accounts/{acme.id}/usage").text
    assert "No usage of the last 16 weeks is known." in page
    assert 'href="/import"' in page


def test_the_list_and_its_file_have_seats_and_usage(
    session: Session, make_account: MakeAccount, use: Use, as_ana: TestClient
) -> None:
    use(make_account("Halden", seats=126), FALLING)
    use(make_account("Corvin", seats=40), dict.fromkeys(range(1, 120), 30.0))
    make_account("Empty")
    session.commit()
    rows = {
        row["Account"]: row for row in csv.DictReader(io.StringIO(as_ana.get("/accounts.csv").text.lstrip("\ufeff")))
    }
    assert [rows["Halden"][title] for title in ("Seats", "Seats active", "Usage")] == ["126", "60", "-40"]
    assert [rows["Corvin"][title] for title in ("Seats", "Seats active", "Usage")] == ["40", "30", "0"]
    assert [rows["Empty"][title] for title in ("Seats", "Seats active", "Usage")] == ["", "", ""]
    fallen = as_ana.get("/accounts.csv?usage=fallen").text
    assert "Halden" in fallen
    assert "Corvin" not in fallen


def test_pages_take_as_many_statements_for_much_as_for_little(
    session: Session, make_account: MakeAccount, use: Use, as_ana: TestClient, count_queries: CountQueries
) -> None:
    little, much = make_account("Little"), make_account("Much")
    for account, n in ((little, 1), (much, 80)):
        for name in range(1 if n == 1 else 8):
            use(account, dict.fromkeys(range(1, 40 + n), 5.0), f"Metric {name}")
        day = TODAY.replace(day=1)
        write_answers(session, [answer_of(account.id, None, f"{k}@x.example", day, k % 11, "") for k in range(n)])
        write_bills(session, [Bill(account.id, str(k), day, 100, "EUR", None) for k in range(n)])
    session.commit()
    for path in ("", "/usage", "/nps", "/invoices"):
        few = count_queries(lambda path=path: as_ana.get(f"/accounts/{little.id}{path}"))  # type: ignore[misc]
        many = count_queries(lambda path=path: as_ana.get(f"/accounts/{much.id}{path}"))  # type: ignore[misc]
        assert few == many, path


# --- how the measure enters the model


def test_a_model_that_was_published_before_stays_until_somebody_adopts_the_newer(
    session: Session, acme: Account, use: Use
) -> None:
    old = {**DEFINITION, "measures": [one for one in DEFINITION["measures"] if one["key"] not in ("usage", "nps")]}
    session.add(HealthModel(version=1, title="Standard", definition=old))
    session.flush()
    assert "usage" not in published(session).keys
    recompute_all(InSession(session))
    assert published(session).version == 1
    adopted = adopt_standard(session)
    assert (adopted.version, is_standard(adopted)) == (VERSION, True)
    assert adopt_standard(session).version == VERSION
    assert "usage" not in published(session, version=1).keys


def test_what_no_account_of_the_book_ever_told_lowers_no_coverage(
    session: Session, make_account: MakeAccount, use: Use
) -> None:
    from health_scores.models import HealthScore

    one, two = make_account("One"), make_account("Two")
    recompute_all(InSession(session))
    session.expire_all()
    asked_before = session.get_one(HealthScore, one.id).coverage_hundredths
    use(two, dict.fromkeys(range(1, 120), 5.0))
    recompute_all(InSession(session))
    session.expire_all()
    assert session.get_one(HealthScore, one.id).coverage_hundredths <= asked_before
    known = session.get_one(HealthScore, two.id).coverage_hundredths
    usage = built_in().measure("usage")
    assert usage is not None
    told = [w for w in built_in().measures if w.key not in ("nps", "overdue_invoices")]
    assert known >= 10_000 * usage.points // sum(w.points for w in told)
