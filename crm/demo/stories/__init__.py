"""What is told by hand: the customers whom a visitor looks at first, each with a reason that can be opened.

Nothing here knows a score: what is told are tickets, talks, people and dates, and the score follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm.demo.cast import Cast
from crm.demo.companies import BY_KEY
from crm.demo.stories import churned, of_ana, of_others
from crm.demo.stories.halden import NUMBERS, halden, second_and_third
from crm.demo.stories.pen import Pen
from crm.demo.tickets import Made
from crm.demo.when import Book

STORIES = {
    "halden": halden,
    "brodeur": of_ana.brodeur,
    "corvin": of_ana.corvin,
    "kestrel-rail": of_ana.kestrel,
    "aldermoor": of_ana.aldermoor,
    "vanhoudt": of_ana.vanhoudt,
    "bramwell": of_ana.bramwell,
    "costaverde": of_ana.costaverde,
    "bogazcargo": of_others.bogaz,
    "silvavetro": of_others.silvavetro,
    "mistral-energies": of_others.mistral,
    "gothachemie": of_others.gotha,
    "sorel": of_others.sorel,
    "belvaux": of_others.belvaux,
    "harbourline": of_others.harbourline,
    "lisse-auctions": of_others.late_onboarding,
    "clairval": of_others.late_onboarding,
    "cascadecare": of_others.late_onboarding,
    "westbrook": of_others.young,
    "aqualis": of_others.young,
    "velmont": churned.velmont,
    "castlemere": churned.castlemere,
    "rossmark": churned.rossmark,
}


def tell_all(book: Book, casts: dict[str, Cast], others: Sequence[Made]) -> list[Pen]:
    """Every story; ``others``: all other tickets, among which Halden's have their numbers."""
    pens = []
    for key, tell in STORIES.items():
        pen = Pen(book, BY_KEY[key], casts[key])
        tell(pen)
        pens.append(pen)
    first = next(pen for pen in pens if pen.company.key == "halden")
    told = [ticket for pen in pens for ticket in pen.tickets]
    second_and_third(first, sorted(one.opened_at for one in [*others, *told]))
    for pen in pens:
        for ticket in pen.tickets:
            ticket.cut(book.now)
    return pens


__all__ = ["NUMBERS", "Pen", "tell_all"]
