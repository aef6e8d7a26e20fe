"""Customers who have left, each with a decline that could be seen before."""

# ruff: noqa: E501 - sentences that people write are not cut
# fmt: off

from __future__ import annotations

from datetime import timedelta

from accounts.models import Channel as Ch
from crm.demo.stories.pen import BOTH, IN, NONE, Pen
from crm.demo.stories.shared import unanswered
from support.models import EventKind as E, TicketKind


def _left_open(pen: Pen) -> None:
    """What was still open when they left, and nobody has closed since."""
    gone = pen.company.churned or 0
    fr = pen.company.language == "fr"
    user = pen.cast.everybody[-2].name
    complaint = pen.ticket(pen.at(gone + 48, "09:50"), user, TicketKind.COMPLAINT, 2, "Service", "Toujours aucune date pour le transfert" if fr else "Still no date for the correction we were promised", "C’est notre quatrième relance. Merci de nous dire franchement s’il faut encore attendre." if fr else "This is the fourth time we ask. Please tell us frankly whether waiting makes sense.", channel="email")
    agent = "Lucie Perrin" if fr else "Matteo Grassi"
    complaint.assignee = agent
    complaint.tell(E.FIRST_ANSWERED, complaint.opened_at + timedelta(hours=30), actor=agent, text="Je comprends et je redemande une date au support produit." if fr else "I understand, and I am asking product support for a date again.")
    complaint.tell(E.ACKNOWLEDGED, complaint.opened_at + timedelta(hours=31), actor=agent)
    data = pen.ticket(pen.at(gone + 9, "14:15"), user, TicketKind.REQUEST, 2, "Data protection", "Export de toutes nos données" if fr else "Export of all our data before we leave", "Merci de préparer un export complet de nos équipements et interventions." if fr else "Please prepare a full export of our machines and jobs.")
    data.assignee = agent
    data.tell(E.FIRST_ANSWERED, data.opened_at + timedelta(hours=5), actor=agent, text="L’export est demandé." if fr else "The export is requested.")


def velmont(pen: Pen) -> None:
    gone = pen.company.churned or 0
    _left_open(pen)
    sponsor, champion = pen.key()
    pen.talk(gone + 210, "10:00", Ch.CALL, BOTH, champion, "Lenteurs", "Le transfert de nuit échoue une fois par semaine. Demande un geste et surtout une date.", 25)
    pen.talk(gone + 75, "09:00", Ch.MEETING, BOTH, sponsor, "Revue", "« Nous avons attendu un an. » Appel d’offres lancé, nous pouvons répondre.", 40)
    pen.talk(gone + 20, "16:00", Ch.LETTER, IN, sponsor, "Résiliation", "Lettre de résiliation reçue, préavis respecté.")
    pen.talk(gone - 2, "10:00", Ch.NOTE, NONE, None, "Pourquoi", "Raisons données : transferts en échec, trois interlocuteurs en un an, prix d’un concurrent. La baisse se voyait depuis dix mois.")


def castlemere(pen: Pen) -> None:
    gone = pen.company.churned or 0
    _left_open(pen)
    sponsor, champion = pen.key()
    pen.talk(gone + 240, "11:00", Ch.CALL, BOTH, champion, "Reopened tickets", "Every second ticket comes back. They have stopped reporting and work around it.", 25)
    pen.talk(gone + 80, "14:00", Ch.MEETING, BOTH, sponsor, "Where we stand", "New owner of the dairy brings its own system. We are asked for an exit price, not for a plan.", 35)
    pen.talk(gone + 21, "09:10", Ch.LETTER, IN, sponsor, "Notice", "Notice received, end of term.")
    pen.talk(gone - 3, "15:00", Ch.NOTE, NONE, None, "Lessons", "Fewer tickets were not a good sign here: they had given up on us. Champion had left the conversation a quarter before.")


def rossmark(pen: Pen) -> None:
    gone = pen.company.churned or 0
    sponsor, _ = pen.key()
    unanswered(pen, before=gone + 25)
    pen.talk(gone + 305, "10:30", Ch.CALL, BOTH, sponsor, "Orders are down", "Short-time work since last quarter. Software is “on the list”. Will call us when it is clear.", 15)
    pen.talk(gone + 160, "16:20", Ch.NOTE, NONE, None, "No word", "Half a year without a call or a ticket. Should have asked earlier; left it because nothing burned.")
    pen.talk(gone + 22, "10:00", Ch.EMAIL, IN, sponsor, "Termination", "“We have to let the contract run out. It is not about the product alone.”")
