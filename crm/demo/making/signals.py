"""Usage, survey answers and invoices."""

from __future__ import annotations

from decimal import Decimal

from accounts.invoices.importing import Bill, write_bills
from accounts.nps.importing import answer_of, write_answers
from accounts.usage.importing import Figure, write_figures
from accounts.usage.models import as_milli, day_number, folded_metric
from crm.demo.companies import BY_KEY
from crm.demo.making.writing import Writing


def write_signals(w: Writing) -> None:
    keys: dict[str, str] = {}
    figures = [
        Figure(
            w.accounts[one.company],
            keys.get(one.metric) or keys.setdefault(one.metric, folded_metric(one.metric)),
            one.metric,
            day_number(one.day),
            as_milli(Decimal(one.value)),
        )
        for one in w.history.usage
    ]
    write_figures(w.session, figures)
    write_answers(
        w.session,
        [
            answer_of(w.accounts[one.company], w.contact(one.who), one.who.email, one.day, one.score, one.comment)
            for one in w.history.answers
        ],
    )
    write_bills(
        w.session,
        [
            Bill(
                w.accounts[one.company],
                one.number,
                one.due_on,
                100 * one.amount,
                BY_KEY[one.company].currency,
                one.paid_on,
            )
            for one in w.history.invoices
        ],
    )
