"""Many accounts at once: what is chosen, who may, what becomes of each, and taking it back after later edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlmodel import Session, col, delete, select

from accounts import service as accounts
from accounts.bulk import jobs, service
from accounts.bulk.models import BulkItem, BulkRun, BulkState, ItemState
from accounts.bulk.queries import counts_of, lines_of, look_at
from accounts.models import AccessKind, Account, AccountAccess, AccountFact, FactKey, Stage, Tier
from accounts.queries import get_account
from accounts.tags.queries import tags_of
from accounts.tags.service import set_tags
from crm import clock
from crm.db import Database
from crm.errors import Conflict, Forbidden, Invalid
from crm.identity.models import User
from crm.jobs import JobState, QueuedJob, Worker
from crm.slices import REGISTRY
from crm.viewer import Viewer, system_viewer

Make = Callable[..., Account]


def choose(session: Session, viewer: Viewer, action: str, made: list[Account]) -> BulkRun:
    chosen = service.action_of(REGISTRY, viewer, action)
    run = service.choose(session, viewer, chosen, [account.id for account in made], back="")
    session.commit()
    return run


def do(session: Session, viewer: Viewer, action: str, made: list[Account], **values: Any) -> BulkRun:
    run = choose(session, viewer, action, made)
    service.start(session, REGISTRY, viewer, run, values)
    session.commit()
    return run


def undo(session: Session, viewer: Viewer, run: BulkRun) -> None:
    service.undo_all(session, REGISTRY, viewer, run)
    session.commit()


def counts(session: Session, run: BulkRun) -> dict[str, int]:
    return {state: count for state, count in counts_of(session, run).items() if count and state != "all"}


def test_it_is_looked_at_before_anything_changes(
    session: Session, ana: Viewer, ben: Viewer, make_account: Make
) -> None:
    made = [make_account("Acme"), make_account("Beta"), make_account("Ceta", owner=ben)]
    run = choose(session, ana, "tier", made)
    found = look_at(session, ana, run, service.action_of(REGISTRY, ana, "tier"))
    assert (found.all, found.others, found.theirs) == (3, 1, 2)
    assert (list(found.names), list(found.other_names)) == (["Acme", "Beta"], ["Ceta"])
    assert {account.tier for account in made} == {Tier.MID}


def test_each_is_changed_by_the_rules_of_one(session: Session, ana: Viewer, ben: Viewer, make_account: Make) -> None:
    mine, same, theirs = (
        make_account("Acme"),
        make_account("Beta", tier=Tier.LOW_TOUCH),
        make_account("Ceta", owner=ben),
    )
    run = do(session, ana, "tier", [mine, same, theirs], tier="low_touch")
    assert (mine.tier, theirs.tier) == (Tier.LOW_TOUCH, Tier.MID)
    assert counts(session, run) == {"done": 1, "same": 1, "refused": 1}
    (line,) = lines_of(session, ana, run, ItemState.REFUSED)
    assert (line.name, str(line.reason)) == ("Ceta", "Ceta belongs to Ben Okafor; ask them or their manager.")
    facts = session.exec(select(AccountFact).where(col(AccountFact.key) == FactKey.TIER)).all()
    assert [(fact.account_id, fact.value) for fact in facts] == [(mine.id, "low_touch")]


def test_what_one_may_not_read_cannot_be_chosen(session: Session, zoe: Viewer, make_account: Make) -> None:
    closed = Viewer(**{**zoe.__dict__, "books": "own"})
    with pytest.raises(service.NothingChosen):
        choose(session, closed, "tier", [make_account("Acme")])


def test_owners_are_given_by_managers(session: Session, ana: Viewer, make_account: Make) -> None:
    with pytest.raises(Forbidden):
        choose(session, ana, "owner", [make_account("Acme")])


def test_the_owner_is_taken_back_with_all_that_came_along(
    session: Session, mia: Viewer, ana: Viewer, zoe: Viewer, make_account: Make
) -> None:
    """Given to another team the account is out of Mia's hands; she may take it back all the same."""
    acme = make_account("Acme")
    team = acme.team_id
    run = do(session, mia, "owner", [acme], owner=str(zoe.user_id), reason="")
    assert (acme.owner_id, acme.team_id) == (zoe.user_id, zoe.team_id)
    undo(session, mia, run)
    assert (acme.owner_id, acme.team_id) == (ana.user_id, team)
    rights = session.exec(select(AccountAccess).where(col(AccountAccess.account_id) == acme.id)).all()
    today = clock.today()
    valid = {(row.user_id, row.kind) for row in rights if row.to_on is None or row.to_on >= today}
    assert valid == {(ana.user_id, AccessKind.OWNER)}  # Zoe reads on as nobody


def test_a_stage_taken_back_is_as_if_it_had_not_been(session: Session, ana: Viewer, make_account: Make) -> None:
    acme = make_account("Acme")
    accounts.change_stage(session, system_viewer(), acme, Stage.ONBOARDING, on=clock.today())
    accounts.change_stage(session, system_viewer(), acme, Stage.LIVE, on=clock.today())
    before = (acme.stage, acme.stage_entered_on)

    def said() -> list[tuple[str, Any]]:
        facts = session.exec(select(AccountFact).where(col(AccountFact.key) == FactKey.STAGE)).all()
        return sorted((fact.value, fact.happened_at) for fact in facts if fact.closed_at is None)

    facts = said()
    run = do(session, ana, "stage", [acme], stage="renewing", reason="")
    assert acme.stage is Stage.RENEWING
    undo(session, ana, run)
    assert ((acme.stage, acme.stage_entered_on), said()) == (before, facts)


def test_taking_back_keeps_later_edits_and_names_them(
    session: Session, ana: Viewer, mia: Viewer, make_account: Make
) -> None:
    made = [make_account(name) for name in ("Acme", "Beta", "Ceta")]
    run = do(session, ana, "tier", made, tier="low_touch")
    accounts.set_tier(session, mia, made[1], Tier.ENTERPRISE)
    session.commit()
    undo(session, ana, run)
    assert [account.tier for account in made] == [Tier.MID, Tier.ENTERPRISE, Tier.MID]
    assert counts(session, run) == {"undone": 2, "kept": 1}
    assert [line.name for line in lines_of(session, ana, run, ItemState.KEPT)] == ["Beta"]
    with pytest.raises(Conflict):
        service.undo_all(session, REGISTRY, ana, run)


def test_tags_are_taken_back_word_by_word(session: Session, ana: Viewer, make_account: Make) -> None:
    acme = make_account("Acme")
    set_tags(session, ana, acme, ["old", "both"])
    run = do(session, ana, "tags", [acme], add=["new", "Both"], remove=["old"])
    assert tags_of(session, [acme.id])[acme.id] == ["both", "new"]
    set_tags(session, ana, acme, ["both", "new", "later"])
    session.commit()
    undo(session, ana, run)
    assert tags_of(session, [acme.id])[acme.id] == ["both", "later", "old"]


# --- the property ----------------------------------------------------------------------------------------------------

ACTIONS = st.one_of(
    st.tuples(st.just("tier"), st.sampled_from(["enterprise", "mid", "low_touch"])),
    st.tuples(st.just("stage"), st.sampled_from(["onboarding", "live", "renewing"])),
    st.tuples(st.just("add"), st.sampled_from(["a", "b", "c"])),
    st.tuples(st.just("remove"), st.sampled_from(["a", "b", "c"])),
)


def state_of(session: Session, account: Account) -> dict[str, Any]:
    return {
        "tier": account.tier.value,
        "stage": (account.stage.value, account.stage_entered_on),
        "tags": set(tags_of(session, [account.id])[account.id]),
    }


def edit(session: Session, viewer: Viewer, account: Account, what: str, word: str) -> None:
    """One person's change on one account's page."""
    if what == "tier":
        accounts.set_tier(session, viewer, account, Tier(word))
    elif what == "stage":
        if account.stage.value != word:
            accounts.change_stage(session, viewer, account, Stage(word), on=clock.today())
    else:
        has = set(tags_of(session, [account.id])[account.id])
        set_tags(session, viewer, account, has | {word} if what == "add" else has - {word})
    session.flush()


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    before=st.lists(st.tuples(st.integers(0, 2), ACTIONS), max_size=5),
    bulk=ACTIONS,
    later=st.lists(st.tuples(st.integers(0, 2), ACTIONS), max_size=5),
)
def test_undo_after_later_edits_keeps_the_later_edits(
    session: Session, ana: Viewer, mia: Viewer, make_account: Make, before: Any, bulk: Any, later: Any
) -> None:
    """Whatever anybody edits in between: what the change alone had done is gone, what came later stays, nothing else
    moves, and every account that was not taken back is said."""
    made = [make_account(f"Account {number}") for number in range(3)]
    for at, (what, word) in before:
        edit(session, mia, made[at], what, word)
    was = [state_of(session, account) for account in made]
    what, word = bulk
    key, values = ("tags", {"add": [], "remove": [], what: [word]}) if what in ("add", "remove") else (
        what, {what: word, "reason": ""})  # fmt: skip
    run = do(session, ana, key, made, **values)
    done = [state_of(session, account) for account in made]
    for at, (edited, said) in later:
        edit(session, mia, made[at], edited, said)
    now = [state_of(session, account) for account in made]
    session.commit()
    undo(session, ana, run)
    after = [state_of(session, account) for account in made]
    items = {
        item.account_id: item.state for item in session.exec(select(BulkItem).where(col(BulkItem.run_id) == run.id))
    }
    for place, account in enumerate(made):
        for aspect in ("tier", "stage", "tags"):
            if aspect != key:
                assert after[place][aspect] == now[place][aspect]  # not the matter of this change
            elif aspect == "tags":
                added, removed = done[place]["tags"] - was[place]["tags"], was[place]["tags"] - done[place]["tags"]
                assert after[place]["tags"] == (now[place]["tags"] - added) | removed
            elif was[place][aspect] == done[place][aspect]:
                assert after[place][aspect] == now[place][aspect]
            elif now[place][aspect] == done[place][aspect]:
                assert after[place][aspect] == was[place][aspect]
                assert items[account.id] is ItemState.UNDONE
            else:
                assert after[place][aspect] == now[place][aspect]
                assert items[account.id] is ItemState.KEPT
    session.exec(delete(BulkItem))
    session.commit()


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_whole_way_works_as_plain_forms(as_mia: Any, session: Session, ben: Viewer, make_account: Make) -> None:
    made = [make_account(f"Account {number}") for number in range(3)]
    page = as_mia.get("/accounts?scope=all").text
    assert f'name="account" value="{made[0].id}"' in page
    sent = {"action": "owner", "account": [str(made[0].id), str(made[1].id)], "query": "scope=all"}
    to_preview = as_mia.post("/accounts/bulk", data=sent).headers["location"]
    preview = as_mia.get(to_preview).text
    assert "Change 2 accounts" in preview
    again = as_mia.post(to_preview, data={"owner": "", "reason": "fair share"})
    assert again.status_code == 422
    assert 'value="fair share"' in again.text
    done = as_mia.post(to_preview, data={"owner": str(ben.user_id), "reason": "fair share"})
    assert done.headers["location"] == to_preview
    result = as_mia.get(to_preview).text
    assert "2 changed" in result
    session.expire_all()
    assert [account.owner_id == ben.user_id for account in made] == [True, True, False]
    assert as_mia.post(to_preview, data={"owner": str(ben.user_id)}).status_code == 409  # a second click
    as_mia.post(f"{to_preview}/undo")
    session.expire_all()
    assert not any(account.owner_id == ben.user_id for account in made)
    assert "2 taken back" in as_mia.get(to_preview).text


def test_all_of_a_view_and_all_on_a_page(as_mia: Any, session: Session, make_account: Make) -> None:
    for number in range(4):
        make_account(f"Account {number}", tier=Tier.ENTERPRISE if number < 3 else Tier.MID)
    few = {"action": "tags", "every": "true", "query": "scope=all&tier=enterprise"}
    run_id = as_mia.post("/accounts/bulk", data=few).headers["location"].rpartition("/")[2]
    assert counts_of(session, session.get_one(BulkRun, int(run_id)))["all"] == 3
    ids = [str(account.id) for account in session.exec(select(Account).limit(2))]
    page = {"action": "tags", "page": "true", "on_page": ",".join(ids), "query": "scope=all"}
    run_id = as_mia.post("/accounts/bulk", data=page).headers["location"].rpartition("/")[2]
    assert counts_of(session, session.get_one(BulkRun, int(run_id)))["all"] == 2


def test_nothing_chosen_is_said(as_mia: Any, make_account: Make) -> None:
    make_account("Acme")
    answer = as_mia.post("/accounts/bulk", data={"action": "tags", "query": "scope=all"})
    assert answer.status_code == 422
    assert "Please choose some accounts first." in answer.text


def test_somebody_elses_change_is_not_there(as_ana: Any, session: Session, mia: Viewer, make_account: Make) -> None:
    run = choose(session, mia, "tier", [make_account("Acme")])
    assert as_ana.get(f"/accounts/bulk/{run.id}").status_code == 404


def test_the_preview_takes_as_many_statements_for_two_as_for_sixty(
    as_mia: Any, session: Session, mia: Viewer, make_account: Make, count_queries: Callable[..., int]
) -> None:
    made = [make_account(f"Account {number}") for number in range(60)]
    small, large = choose(session, mia, "tier", made[:2]), choose(session, mia, "tier", made)
    few = count_queries(lambda: as_mia.get(f"/accounts/bulk/{small.id}"))
    assert count_queries(lambda: as_mia.get(f"/accounts/bulk/{large.id}")) == few
    for run in (small, large):
        service.start(session, REGISTRY, mia, run, {"tier": "mid"})
    session.commit()
    few = count_queries(lambda: as_mia.get(f"/accounts/bulk/{small.id}"))
    assert count_queries(lambda: as_mia.get(f"/accounts/bulk/{large.id}")) == few


# --- in the background -----------------------------------------------------------------------------------------------


@pytest.fixture
def worker(database: Database, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setattr(service, "AT_ONCE", 5)
    monkeypatch.setattr(service, "CHUNK", 3)
    return Worker(database, REGISTRY, threads=0, with_clock=False)


def test_many_are_changed_by_a_job_and_taken_back_by_one(
    session: Session, ana: Viewer, ben: Viewer, worker: Worker, make_account: Make
) -> None:
    made = [make_account(f"Account {number}") for number in range(11)] + [make_account("Not hers", owner=ben)]
    run = do(session, ana, "tier", made, tier="low_touch")
    assert (run.state, {account.tier for account in made}) == (BulkState.RUNNING, {Tier.MID})
    work(session, worker)
    assert run.state is BulkState.DONE
    assert counts(session, run) == {"done": 11, "refused": 1}
    undo(session, ana, run)
    assert run.state is BulkState.UNDOING
    work(session, worker)
    assert (run.state, {account.tier for account in made}) == (BulkState.UNDONE, {Tier.MID})


def test_a_kill_between_chunks_changes_none_twice(
    session: Session, ana: Viewer, worker: Worker, make_account: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [make_account(f"Account {number}") for number in range(10)]
    run = do(session, ana, "tier", made, tier="low_touch")
    whole = jobs.service.change_some
    calls: list[int] = []

    def killed(*arguments: Any) -> None:
        calls.append(1)
        whole(*arguments)
        if len(calls) == 2:
            raise RuntimeError("killed")

    monkeypatch.setattr(jobs.service, "change_some", killed)
    work(session, worker)
    assert counts(session, run) == {"done": 3, "waiting": 7}  # the second chunk is as if it had not begun
    monkeypatch.setattr(jobs.service, "change_some", whole)
    job = session.get_one(QueuedJob, run.job_id)
    job.due_at = clock.machine_now()
    session.commit()
    work(session, worker)
    assert counts(session, run) == {"done": 10}
    facts = session.exec(select(AccountFact).where(col(AccountFact.key) == FactKey.TIER)).all()
    assert len(facts) == 10
    assert session.get_one(QueuedJob, run.job_id).state is JobState.DONE


def work(session: Session, worker: Worker) -> None:
    session.commit()
    worker.run_due()
    session.expire_all()


def test_what_was_chosen_and_left_is_forgotten(session: Session, ana: Viewer, make_account: Make) -> None:
    run = choose(session, ana, "tier", [make_account("Acme")])
    run.created_at = clock.machine_now() - service.UNDONE_WITHIN * 2
    session.commit()
    assert service.forget_old(session) == 1
    assert session.exec(select(BulkItem)).all() == []


def test_too_many_at_once_are_refused(
    session: Session, ana: Viewer, make_account: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 1)
    with pytest.raises(Invalid):
        choose(session, ana, "tier", [make_account("Acme"), make_account("Beta")])


def test_the_person_is_asked_for_their_rights_when_the_job_runs(
    session: Session, ana: Viewer, worker: Worker, make_account: Make
) -> None:
    made = [make_account(f"Account {number}") for number in range(7)]
    run = do(session, ana, "tier", made, tier="low_touch")
    session.get_one(User, ana.user_id).role = "executive"  # type: ignore[assignment]
    session.commit()
    work(session, worker)
    assert {account.tier for account in made} == {Tier.MID}
    assert get_account(session, ana, made[0].id).tier is Tier.MID
    assert (run.state, counts(session, run)) == (BulkState.DONE, {"refused": 7})
