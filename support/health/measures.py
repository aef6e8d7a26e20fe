"""Measures of support history: pure functions of the counts in ``features``, as a health model weighs them.

Shares of few tickets are drawn towards the account's segment: ``(x + k·p) / (n + k)``, with the segment's share p and
k tickets' worth of belief in it; but only in the account's favour: it pays for nothing that others did. What a helpdesk
never tells (escalations, reopening, complaints, repeats) is unknown, not good: it counts from the first time the book
holds one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from crm.contracts import Columns, Definition, Floats, LineFacts, Measure, Mend, OfAccounts, Prior, feature
from crm.text import N_, Text, plural, text
from support.health import records

SMALL_LOAD = 4.0  # open load that is nothing for anybody: half an urgent ticket
FREE_QUESTIONS = 5.0  # questions and requests in 30 days that say nothing
BELIEF = 10.0  # tickets' worth of belief in the segment's share
BELIEF_RATINGS = 3.0

_LOOK = Mend(N_("See its tickets"), lambda account_id: f"/tickets?scope=all&state=any&account={account_id}")
_NO_TICKET = N_("No ticket of this account is known yet; crm import tickets brings a helpdesk's history.")


def _known(figure: Floats, condition: npt.NDArray[np.bool_]) -> Floats:
    return np.where(condition, figure, np.nan)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return numerator / denominator


def _history_days(columns: Columns, longest: float) -> Floats:
    """Days of tickets there are, the present one included."""
    return np.minimum(columns.days_since("first_ticket_at") + 1, longest)


# --- what is normal for an account


def _root_seats(columns: Columns) -> Floats:
    seats = columns["seats"]
    return np.sqrt(np.maximum(np.where(np.isnan(seats), columns.prior("seats_median"), seats), 1.0))


def _weeks(columns: Columns) -> Floats:
    return np.maximum(_history_days(columns, 180), 7) / 7


def normal_week(columns: Columns) -> Floats:
    """Weight of the tickets that an ordinary week brings: the account's own 180 days, with eight weeks' worth of belief
    in what accounts of its segment bring for the root of their seats."""
    weeks = _weeks(columns)
    expected = columns.prior("weight_per_root_seat") * _root_seats(columns)
    return (columns["solved_weight"] + 8 * expected) / (weeks + 8)


_NORMAL_WEEK = (
    Prior("seats_median", feature("seats"), None, default=25.0, least=5),
    Prior(
        "weight_per_root_seat",
        feature("solved_weight"),
        lambda columns: _weeks(columns) * _root_seats(columns),
        default=0.5,
        least=100,
    ),
)


def _age(days: int) -> Text:
    return plural(N_("%(n)s day"), N_("%(n)s days"), days) if days else text(N_("less than a day"))


def _tickets(name: str) -> Callable[[LineFacts], Text]:
    return lambda facts: plural(N_("%(n)s ticket"), N_("%(n)s tickets"), facts.count(name))


def _allowance(columns: Columns) -> Floats:
    return normal_week(columns) + SMALL_LOAD


# --- open burden


def _explain_burden(facts: LineFacts) -> Text:
    sentence = plural(
        N_("%(n)s open ticket, the oldest %(age)s: %(times)s times what is normal"),
        N_("%(n)s open tickets, the oldest %(age)s: %(times)s times what is normal"),
        facts.count("open"),
        age=_age(facts.days("open_oldest_at")),
        times=round(facts.figure, 1),
    )
    if facts.has("seats"):
        return sentence
    return text(N_("%(sentence)s (seats unknown: the segment's median)"), sentence=sentence)


OPEN_BURDEN = Measure(
    key="open_burden",
    title=N_("Open burden"),
    dimension="support",
    unit=N_("times normal"),
    value=lambda columns: _ratio(columns["burden_halves"] / 2, _allowance(columns)),
    explained_by={name: feature(name) for name in ("open", "open_oldest_at", "seats")},
    explain=_explain_burden,
    counted=_tickets("open"),
    records=records.open_tickets,
    definition=Definition(
        counts=N_(
            "Each open ticket weighs 8, 4, 2 or 1 by priority, times 1 when new, 1.5 from 2 days, 2 from 7, 2.5 from "
            "14 and 3 from 30. The sum is divided by what is normal: the weight of solved tickets that an ordinary "
            "week of the account's own 180 days brought, drawn by eight weeks towards its segment's weight per root of "
            "seats, plus 4. Where seats are unknown the segment's median stands for them, and the line says so."
        ),
        window=N_("tickets open now; 180 days for what is normal"),
        minimum=N_("one ticket"),
        source=N_("ticket.priority, opened_at, resolved_at; account.seats, tier"),
    ),
    missing=_NO_TICKET,
    mend=_LOOK,
    priors=_NORMAL_WEEK,
)


# --- urgent tickets


def _explain_urgent(facts: LineFacts) -> Text:
    urgent, late, age = facts.count("urgent"), facts.count("urgent_late"), _age(facts.days("urgent_oldest_at"))
    if not late:
        return plural(
            N_("%(n)s urgent open, oldest %(age)s, in time"),
            N_("%(n)s urgent open, oldest %(age)s, in time"),
            urgent,
            age=age,
        )
    if late == urgent:
        return plural(
            N_("%(n)s urgent open past its target, oldest %(age)s"),
            N_("%(n)s urgent open past their targets, oldest %(age)s"),
            urgent,
            age=age,
        )
    return text(N_("%(urgent)s urgent open, %(late)s past target, oldest %(age)s"), urgent=urgent, late=late, age=age)


URGENT_OPEN = Measure(
    key="urgent_open",
    title=N_("Urgent open"),
    dimension="support",
    unit=N_("urgent tickets past target, in time by half"),
    value=lambda columns: (columns["urgent"] + columns["urgent_late"]) / 2,
    explained_by={name: feature(name) for name in ("urgent", "urgent_late", "urgent_oldest_at")},
    explain=_explain_urgent,
    counted=_tickets("urgent"),
    records=records.urgent_tickets,
    definition=Definition(
        counts=N_(
            "Open tickets of the highest priority: one in time costs half of the points at once, one past its target "
            "all of them."
        ),
        window=N_("tickets open now"),
        minimum=N_("one ticket"),
        source=N_("ticket.priority, resolved_at, due_at (the source's target where it has one)"),
    ),
    missing=_NO_TICKET,
    mend=_LOOK,
    next_at=lambda columns: columns["urgent_due_at"] + 1,
)


# --- inflow


def _months_before(columns: Columns) -> Floats:
    """Spans of 30 days known before the last 30 days, at most five."""
    return np.clip(columns.days_since("first_ticket_at") - 29, 0, 150) / 30


def _inflow(columns: Columns) -> Floats:
    return columns["hard_30"] + np.maximum(columns["soft_30"] - FREE_QUESTIONS, 0)


def _inflow_before(columns: Columns) -> Floats:
    return columns["hard_before"] + np.maximum(columns["soft_before"] - FREE_QUESTIONS * _months_before(columns), 0)


def _normal_inflow(columns: Columns) -> Floats:
    before, months = _inflow_before(columns), _months_before(columns)
    return (before + 2 * columns.prior("inflow_30")) / (months + 2)


def _explain_inflow(facts: LineFacts) -> Text:
    return plural(
        N_("%(n)s ticket in 30 days; %(normal)s are normal"),
        N_("%(n)s tickets in 30 days; %(normal)s are normal"),
        facts.count("inflow"),
        normal=round(facts["normal"], 1),
    )


INFLOW = Measure(
    key="inflow",
    title=N_("Inflow against normal"),
    dimension="support",
    unit=N_("times normal"),
    value=lambda columns: (_inflow(columns) + 3) / (_normal_inflow(columns) + 3),
    explained_by={"inflow": _inflow, "normal": _normal_inflow},
    explain=_explain_inflow,
    counted=_tickets("inflow"),
    records=records.tickets_of_30_days,
    definition=Definition(
        counts=N_(
            "Tickets of the last 30 days, against the solved ones of an ordinary 30 days of the 150 before; a young "
            "account is drawn towards its segment by 60 days' worth. Defects, complaints and tickets of no known kind "
            "count; questions and requests count from the sixth in 30 days. Both sides get 3 more, so that few tickets "
            "make no great figure."
        ),
        window=N_("30 days, against the 150 before"),
        minimum=N_("one ticket"),
        source=N_("ticket.opened_at, kind; account.tier"),
    ),
    missing=_NO_TICKET,
    mend=_LOOK,
    priors=(Prior("inflow_30", _inflow_before, _months_before, default=1.0, least=20),),
)


# --- targets


def _explain_first_answer(facts: LineFacts) -> Text:
    return plural(
        N_("%(late)s of %(n)s first answer late in 90 days"),
        N_("%(late)s of %(n)s first answers late in 90 days"),
        facts.count("answers_90"),
        late=facts.count("answers_late_90"),
    )


def _explain_resolution(facts: LineFacts) -> Text:
    return plural(
        N_("%(late)s of %(n)s resolution late in 90 days"),
        N_("%(late)s of %(n)s resolutions late in 90 days"),
        facts.count("resolutions_90"),
        late=facts.count("resolutions_late_90"),
    )


def _met(all_: str, late: str, least: float) -> OfAccounts:
    """Share that met its target."""
    return lambda columns: _known(1 - _ratio(columns[late], columns[all_]), columns[all_] >= least)


FIRST_ANSWER = Measure(
    key="first_answer",
    title=N_("First answer"),
    dimension="support",
    unit=N_("share in time"),
    value=_met("answers_90", "answers_late_90", 3),
    explained_by={name: feature(name) for name in ("answers_90", "answers_late_90")},
    explain=_explain_first_answer,
    counted=_tickets("answers_late_90"),
    records=records.answered_late,
    definition=Definition(
        counts=N_(
            "Share of tickets whose first answer came within its target, on the ticket's business calendar. One that "
            "waits past its target counts as late; an urgent one answered in time counts once it is solved. Where the "
            "source has its own verdict, that one counts."
        ),
        window=N_("tickets opened in the last 90 days"),
        minimum=N_("3 tickets answered or late"),
        source=N_("ticket.first_answer_met, first_answered_at, first_answer_due_at"),
    ),
    missing=N_("Fewer than 3 first answers in 90 days, or the helpdesk does not tell them."),
    mend=_LOOK,
)

RESOLUTION = Measure(
    key="resolution",
    title=N_("Resolution"),
    dimension="support",
    unit=N_("share in time"),
    value=_met("resolutions_90", "resolutions_late_90", 3),
    explained_by={name: feature(name) for name in ("resolutions_90", "resolutions_late_90")},
    explain=_explain_resolution,
    counted=_tickets("resolutions_late_90"),
    records=records.resolved_late,
    definition=Definition(
        counts=N_(
            "Share of resolved tickets that were resolved within their target. The last state of the target counts, "
            "not its first; where the source has its own verdict, that one counts."
        ),
        window=N_("tickets resolved in the last 90 days and opened in the last 180"),
        minimum=N_("3 resolved tickets"),
        source=N_("ticket.resolution_met, resolved_at"),
    ),
    missing=N_("Fewer than 3 tickets were resolved in 90 days."),
    mend=_LOOK,
)


# --- what the helpdesk may or may not tell


def _told(name: str, prior: str) -> Callable[[Columns], npt.NDArray[np.bool_]]:
    """Whether the book tells ``name`` at all, of this account or any other."""
    return lambda columns: (columns[name] > 0) | (columns.prior(prior) > 0)


def _told_prior(key: str, name: str, among: str) -> Prior:
    return Prior(key, feature(name), feature(among), default=0.0, of_book=True)


def _drawn(numerator: str, denominator: str, prior: str) -> OfAccounts:
    """The share of what did happen, or the segment's where that is milder."""
    return lambda columns: np.minimum(
        _ratio(columns[numerator], columns[denominator]),
        _ratio(columns[numerator] + BELIEF * columns.prior(prior), columns[denominator] + BELIEF),
    )


def _explain_reopened(facts: LineFacts) -> Text:
    return plural(
        N_("%(reopened)s of %(n)s resolved ticket reopened in 180 days"),
        N_("%(reopened)s of %(n)s resolved tickets reopened in 180 days"),
        facts.count("done_180"),
        reopened=facts.count("reopened_180"),
    )


_REOPENED_TOLD = _told("reopened_180", "reopened_told")

REOPENED = Measure(
    key="reopened",
    title=N_("Reopened"),
    dimension="support",
    unit=N_("share, drawn towards the segment"),
    value=lambda columns: _known(
        _drawn("reopened_180", "done_180", "reopened_share")(columns),
        (columns["done_180"] >= 3) & _REOPENED_TOLD(columns),
    ),
    explained_by={name: feature(name) for name in ("reopened_180", "done_180")},
    explain=_explain_reopened,
    counted=_tickets("reopened_180"),
    records=records.reopened,
    definition=Definition(
        counts=N_(
            "Share of resolved tickets that were reopened, drawn towards the segment's share by 10 tickets' worth "
            "of belief where that is milder."
        ),
        window=N_("tickets opened in the last 180 days"),
        minimum=N_("3 resolved tickets, in a book that holds at least one reopened ticket"),
        source=N_("ticket.reopened, resolved_at"),
    ),
    missing=N_("Fewer than 3 resolved tickets in 180 days, or the helpdesk never tells of reopened ones."),
    mend=_LOOK,
    priors=(
        _told_prior("reopened_told", "reopened_180", "done_180"),
        Prior("reopened_share", feature("reopened_180"), feature("done_180"), default=0.05, least=30),
    ),
)

_ESCALATED_TOLD = _told("escalated_180", "escalated_told")


def _explain_escalated_open(facts: LineFacts) -> Text:
    return plural(
        N_("%(n)s escalated ticket open, the oldest %(age)s"),
        N_("%(n)s escalated tickets open, the oldest %(age)s"),
        facts.count("escalated_open"),
        age=_age(facts.days("escalated_oldest_at")),
    )


ESCALATED_OPEN = Measure(
    key="escalated_open",
    title=N_("Open escalations"),
    dimension="support",
    unit=N_("tickets"),
    value=lambda columns: _known(columns["escalated_open"], (columns["escalated_open"] > 0) | _ESCALATED_TOLD(columns)),
    explained_by={name: feature(name) for name in ("escalated_open", "escalated_oldest_at")},
    explain=_explain_escalated_open,
    counted=_tickets("escalated_open"),
    records=records.escalated_open,
    definition=Definition(
        counts=N_("Open tickets that were escalated."),
        window=N_("tickets open now"),
        minimum=N_("one ticket, in a book that holds at least one escalation of the last 180 days"),
        source=N_("ticket.escalated, resolved_at"),
    ),
    missing=N_("The helpdesk has never told of an escalation, or no ticket is known."),
    mend=_LOOK,
    priors=(_told_prior("escalated_told", "escalated_180", "done_180"),),
)


def _explain_escalations(facts: LineFacts) -> Text:
    return plural(
        N_("%(escalated)s escalated in 180 days, for %(n)s resolved ticket"),
        N_("%(escalated)s escalated in 180 days, for %(n)s resolved tickets"),
        facts.count("done_180"),
        escalated=facts.count("escalated_180"),
    )


ESCALATIONS = Measure(
    key="escalations",
    title=N_("Escalations"),
    dimension="support",
    unit=N_("per 100 resolved tickets, drawn towards the segment"),
    value=lambda columns: _known(
        100 * np.minimum(_drawn("escalated_180", "done_180", "escalated_share")(columns), 1.0),
        (columns["done_180"] >= 3) & _ESCALATED_TOLD(columns),
    ),
    explained_by={name: feature(name) for name in ("escalated_180", "done_180")},
    explain=_explain_escalations,
    counted=_tickets("escalated_180"),
    records=records.escalated,
    definition=Definition(
        counts=N_(
            "Escalated tickets per 100 resolved ones, drawn towards the segment's rate by 10 tickets' worth of belief "
            "where that is milder."
        ),
        window=N_("tickets opened in the last 180 days"),
        minimum=N_("3 resolved tickets, in a book that holds at least one escalation"),
        source=N_("ticket.escalated"),
    ),
    missing=N_("Fewer than 3 resolved tickets in 180 days, or the helpdesk has never told of an escalation."),
    mend=_LOOK,
    priors=(Prior("escalated_share", feature("escalated_180"), feature("done_180"), default=0.03, least=30),),
)


def _explain_repeats(facts: LineFacts) -> Text:
    return plural(
        N_("%(repeats)s came back within 14 days of a resolution, for %(n)s resolved ticket"),
        N_("%(repeats)s came back within 14 days of a resolution, for %(n)s resolved tickets"),
        facts.count("done_90"),
        repeats=facts.count("repeats_90"),
    )


_REPEATS_TOLD = _told("repeats_90", "repeats_told")

REPEAT_CONTACT = Measure(
    key="repeat_contact",
    title=N_("Repeat contact"),
    dimension="support",
    unit=N_("share of resolved tickets"),
    value=lambda columns: _known(
        np.minimum(_ratio(columns["repeats_90"], columns["done_90"]), 1.0),
        (columns["done_90"] >= 4) & _REPEATS_TOLD(columns),
    ),
    explained_by={name: feature(name) for name in ("repeats_90", "done_90")},
    explain=_explain_repeats,
    counted=_tickets("repeats_90"),
    records=records.repeated,
    definition=Definition(
        counts=N_(
            "Tickets on the same topic as one that was resolved for the same account in the 14 days before, as a share "
            "of the resolved tickets."
        ),
        window=N_("tickets opened in the last 90 days"),
        minimum=N_("4 resolved tickets, in a book that holds at least one repeat (so topics are told)"),
        source=N_("ticket.topic, opened_at; resolutions in ticket_event"),
    ),
    missing=N_("Fewer than 4 resolved tickets in 90 days, or the helpdesk gives no topics."),
    mend=_LOOK,
    priors=(_told_prior("repeats_told", "repeats_90", "done_90"),),
)


# --- complaints


def _explain_complaints(facts: LineFacts) -> Text:
    silent, open_ = facts.count("complaints_unacknowledged"), facts.count("complaints_unremedied")
    age = _age(facts.days("complaint_oldest_at"))
    if silent and open_:
        return text(
            N_("%(silent)s complaints without an answer, %(open)s without a remedy, oldest %(age)s"),
            silent=silent,
            open=open_,
            age=age,
        )
    if silent:
        return plural(
            N_("%(n)s complaint without an answer, oldest %(age)s"),
            N_("%(n)s complaints without an answer, oldest %(age)s"),
            silent,
            age=age,
        )
    return plural(
        N_("%(n)s complaint without a remedy after 5 working days, oldest %(age)s"),
        N_("%(n)s complaints without a remedy after 5 working days, oldest %(age)s"),
        open_,
        age=age,
    )


COMPLAINTS = Measure(
    key="complaints",
    title=N_("Complaints unanswered"),
    dimension="support",
    unit=N_("complaints without an answer; without a remedy by six tenths"),
    value=lambda columns: _known(
        (10 * columns["complaints_unacknowledged"] + 6 * columns["complaints_unremedied"]) / 10,
        (columns["complaints_open"] > 0) | _told("complaints_180", "complaints_told")(columns),
    ),
    explained_by={
        name: feature(name) for name in ("complaints_unacknowledged", "complaints_unremedied", "complaint_oldest_at")
    },
    explain=_explain_complaints,
    counted=lambda facts: plural(
        N_("%(n)s ticket"),
        N_("%(n)s tickets"),
        facts.count("complaints_unacknowledged") + facts.count("complaints_unremedied"),
    ),
    records=records.complaints,
    definition=Definition(
        counts=N_(
            "Open complaints that nobody has acknowledged or answered after 24 hours count whole; those that were "
            "acknowledged but not resolved after 5 working days count six tenths."
        ),
        window=N_("tickets open now"),
        minimum=N_("one ticket, in a book that holds at least one complaint of the last 180 days"),
        source=N_("ticket.kind, acknowledged_at, first_answered_at, resolved_at"),
    ),
    missing=N_("The helpdesk does not tell complaints from other tickets, or no ticket is known."),
    mend=_LOOK,
    next_at=lambda columns: columns["complaint_waits_from"] + 86_400,
    priors=(_told_prior("complaints_told", "complaints_180", "done_180"),),
)


# --- satisfaction


def _mean_rating(columns: Columns) -> Floats:
    total, ratings = columns["rating_sum"] / 100, columns["ratings"]
    drawn = _ratio(total + BELIEF_RATINGS * columns.prior("rating_mean"), ratings + BELIEF_RATINGS)
    return np.maximum(_ratio(total, ratings), drawn)


def _explain_satisfaction(facts: LineFacts) -> Text:
    return plural(
        N_("%(n)s rating in 180 days, %(mean)s of 100 on average"),
        N_("%(n)s ratings in 180 days, %(mean)s of 100 on average"),
        facts.count("ratings"),
        mean=round(facts["rating_sum"] / 100 / facts["ratings"]),
    )


_NO_RATING = N_("Too few ratings of tickets are known.")

SATISFACTION = Measure(
    key="satisfaction",
    title=N_("Satisfaction"),
    dimension="satisfaction",
    unit=N_("points of 100, drawn towards the segment"),
    value=lambda columns: _known(_mean_rating(columns), columns["ratings"] >= 2),
    explained_by={name: feature(name) for name in ("ratings", "rating_sum")},
    explain=_explain_satisfaction,
    counted=_tickets("ratings"),
    records=records.rated,
    definition=Definition(
        counts=N_(
            "Mean of the last rating of each ticket, 0 to 100, drawn towards the segment's mean by 3 ratings' worth of "
            "belief where that is milder."
        ),
        window=N_("ratings of the last 180 days, of tickets opened in them"),
        minimum=N_("2 ratings"),
        source=N_("ticket.csat, csat_at"),
    ),
    missing=_NO_RATING,
    mend=_LOOK,
    priors=(
        Prior("rating_mean", lambda columns: columns["rating_sum"] / 100, feature("ratings"), default=80.0, least=20),
    ),
)


def _slope(columns: Columns) -> Floats:
    """Points of 100 in 90 days, by least squares; needs ratings that lie apart."""
    n, x, xx = columns["ratings"], columns["rating_days"], columns["rating_days_2"]
    y, xy = columns["rating_sum"] / 100, columns["rating_product"] / 100
    spread = n * xx - x * x
    apart = spread >= n * n * 15.0**2  # a standard deviation of 15 days
    return _known(90 * _ratio(n * xy - x * y, spread), (n >= 6) & apart)


def _explain_slope(facts: LineFacts) -> Text:
    return text(
        N_("Ratings fall by %(points)s points in 90 days (%(ratings)s ratings)"),
        points=round(-facts.figure),
        ratings=facts.count("ratings"),
    )


RATING_SLOPE = Measure(
    key="rating_slope",
    title=N_("Satisfaction falling"),
    dimension="satisfaction",
    unit=N_("points in 90 days"),
    value=_slope,
    explained_by={"ratings": feature("ratings")},
    explain=_explain_slope,
    counted=_tickets("ratings"),
    records=records.rated,
    definition=Definition(
        counts=N_("Slope of a line through the ratings, by least squares."),
        window=N_("ratings of the last 180 days"),
        minimum=N_("6 ratings that lie apart (standard deviation of 15 days)"),
        source=N_("ticket.csat, csat_at"),
    ),
    missing=_NO_RATING,
    mend=_LOOK,
)


def _rating_change(columns: Columns) -> Floats:
    now, before = columns["ratings_30"], columns["ratings_60"]
    change = _ratio(columns["rating_sum_30"], now) - _ratio(columns["rating_sum_60"], before)
    return _known(change / 100, (now >= 3) & (before >= 3))


def _explain_rating_trend(facts: LineFacts) -> Text:
    return text(
        N_("Ratings %(points)s points lower than in the 30 days before (%(now)s and %(before)s ratings)"),
        points=round(-facts.figure),
        now=facts.count("ratings_30"),
        before=facts.count("ratings_60"),
    )


RATING_TREND = Measure(
    key="rating_trend",
    title=N_("Trend of satisfaction"),
    dimension="satisfaction",
    unit=N_("points"),
    value=_rating_change,
    explained_by={name: feature(name) for name in ("ratings_30", "ratings_60")},
    explain=_explain_rating_trend,
    counted=lambda facts: plural(
        N_("%(n)s ticket"), N_("%(n)s tickets"), facts.count("ratings_30") + facts.count("ratings_60")
    ),
    records=records.rated_in_60_days,
    definition=Definition(
        counts=N_("Mean rating of the last 30 days, less that of the 30 days before."),
        window=N_("60 days"),
        minimum=N_("3 ratings in each 30 days"),
        source=N_("ticket.csat, csat_at"),
    ),
    missing=_NO_RATING,
    mend=_LOOK,
)


# --- trend of burden


def _load_before(columns: Columns) -> Floats:
    """Weight of tickets that were open 60 days ago."""
    return columns["open_load_60"] + columns["solved_load_60"]


def _explain_trend(facts: LineFacts) -> Text:
    return text(
        N_("Open load grew from %(before)s to %(now)s in 60 days"),
        before=facts.count("before"),
        now=facts.count("load"),
    )


BURDEN_TREND = Measure(
    key="burden_trend",
    title=N_("Trend of burden"),
    dimension="support",
    unit=N_("times a normal week"),
    value=lambda columns: _known(
        _ratio((columns["load"] - _load_before(columns)) / 2, _allowance(columns)),
        columns.days_since("first_ticket_at") >= 60,
    ),
    explained_by={"load": feature("load"), "before": _load_before},
    explain=_explain_trend,
    counted=lambda facts: text(N_("new tickets")),
    records=records.grown,
    definition=Definition(
        counts=N_(
            "Mean open load of the last 30 days less that of the 30 days before, from what was open 60 days ago and is "
            "open now (weights 8, 4, 2, 1 by priority, without age), divided by a normal week plus 4."
        ),
        window=N_("60 days"),
        minimum=N_("60 days of tickets"),
        source=N_("ticket.priority, opened_at, resolved_at"),
    ),
    missing=N_("The tickets reach back less than 60 days."),
    mend=_LOOK,
)

MEASURES = (
    URGENT_OPEN,
    COMPLAINTS,
    OPEN_BURDEN,
    ESCALATED_OPEN,
    RESOLUTION,
    FIRST_ANSWER,
    REOPENED,
    REPEAT_CONTACT,
    INFLOW,
    ESCALATIONS,
    BURDEN_TREND,
    SATISFACTION,
    RATING_SLOPE,
    RATING_TREND,
)

__all__ = ["MEASURES", "normal_week"]
