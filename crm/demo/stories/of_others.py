"""Customers in the other portfolios."""

# ruff: noqa: E501 - sentences that people write are not cut
# fmt: off

from __future__ import annotations

from datetime import timedelta

from accounts.models import Channel as Ch, ContactRoleKind
from crm.demo import people
from crm.demo.stories.pen import BOTH, IN, NONE, OUT, Pen
from crm.demo.stories.shared import unanswered
from support.models import EventKind as E, TicketKind


def silvavetro(pen: Pen) -> None:
    unanswered(pen)
    pen.talk(40, "11:25", Ch.NOTE, NONE, None, "Silence from Murano", "Two questions of ours have been waiting for an answer for eight months. Nobody has logged a job in weeks.")
    pen.todo(f"Try {pen.key()[0]} by phone", -3, written=40)


def mistral(pen: Pen) -> None:
    sponsor, champion = pen.key()
    faces = pen.ticket(pen.at(13, "09:20"), champion, TicketKind.COMPLAINT, 2, "Service", "Trois interlocuteurs pour un même ticket", "Pour un seul ticket, trois personnes nous ont répondu, et chacune a repris depuis le début. Nous demandons un interlocuteur fixe.", channel="email")
    faces.assignee = "Lucie Perrin"
    faces.tell(E.FIRST_ANSWERED, faces.opened_at + timedelta(hours=4), actor="Lucie Perrin", text="Vous avez raison. Je reprends vos tickets à mon nom et je vous confirme l’organisation.")
    faces.tell(E.ACKNOWLEDGED, faces.opened_at + timedelta(hours=4, minutes=1), actor="Lucie Perrin")
    pen.talk(64, "10:00", Ch.CALL, BOTH, champion, "Notes de satisfaction", "Les notes baissent depuis des mois : réponses trop générales, trois interlocuteurs par ticket. Demande une personne fixe.", 25)
    pen.talk(18, "14:00", Ch.MEETING, BOTH, sponsor, "Revue trimestrielle", "Ton correct mais froid. « Ce n’est plus le service d’il y a deux ans. » Lucie devient l’interlocutrice fixe à partir de lundi.", 50)
    pen.todo("Vérifier avec Lucie les cinq derniers tickets de Mistral", 3, written=18)


def gotha(pen: Pen) -> None:
    sponsor, champion = pen.key()
    pen.talk(236, "09:00", Ch.CALL, BOTH, sponsor, "Renewal in doubt", "They compare with two others. Reasons: response times, and Leuna is being given up. Decision within half a year.", 35)
    pen.talk(190, "13:00", Ch.IN_PERSON, BOTH, champion, "Day in Bitterfeld", "Worked through the 40 oldest open points with them on site. 31 settled the same day.", 300)
    pen.talk(128, "10:00", Ch.MEETING, BOTH, sponsor, "Recovery review", "Response times are back in the green for two months. Sponsor: “That is the Fettle we bought.” Hélène joined; promised a named contact in product support.", 60)
    pen.talk(62, "11:30", Ch.CALL, BOTH, pen.who(ContactRoleKind.DECISION_MAKER), "Terms", "They stay: three years, less the Leuna seats. Price held. Signature after the works council.", 30)
    pen.talk(35, "16:00", Ch.EMAIL, IN, sponsor, "Signed", "“Contract is on its way back to you, signed. Three years it is.”")
    pen.talk(33, "09:00", Ch.NOTE, NONE, None, "What saved it", "Three things: the day on site, one named person in support, Hélène at the table. Worth telling the team.")


def sorel(pen: Pen) -> None:
    sponsor, champion = pen.key()
    angry = pen.ticket(pen.at(4, "10:35"), champion, TicketKind.COMPLAINT, 2, "Service", "Deux semaines sans planning fiable à Firminy", "Deux semaines que le planning de Firminy est faux. Nous demandons un responsable et une date, sinon nous arrêtons.", channel="email")
    angry.team = people.FIRST_LINE
    for ago, subject, text in (
        (
            13,
            "Planning de Firminy : les interventions de nuit disparaissent",
            "Chaque matin, les interventions planifiées pour la nuit ont disparu. L’équipe travaille de mémoire.",
        ),
        (
            9,
            "Transfert Sage : bons de commande en double",
            "Chaque demande d’achat arrive deux fois. Le fournisseur a déjà livré en double.",
        ),
    ):
        fault = pen.ticket(pen.at(ago, "09:05"), pen.cast.everybody[-2].name, TicketKind.DEFECT, 2, "Planning board" if ago == 13 else "ERP interface", subject, text)
        fault.assignee, fault.team = people.EXPERTS[0], people.PRODUCT_SUPPORT
        fault.tell(E.FIRST_ANSWERED, fault.opened_at + timedelta(hours=9), actor="Antoine Garnier", text="Nous reproduisons le cas et le transmettons au support produit.")
        fault.tell(E.ESCALATED, fault.opened_at + timedelta(hours=30), actor="Antoine Garnier", to=people.PRODUCT_SUPPORT)
    pen.talk(39, "10:30", Ch.CALL, BOTH, champion, "Bilan difficile", "Trois tickets rouverts en un mois. L’atelier de Firminy a repris le papier. La direction demande ce que coûte une sortie.", 30)
    pen.talk(17, "09:00", Ch.EMAIL, OUT, sponsor, "Plan d’action", "Envoyé le plan en quatre points, avec dates. Pas de réponse.")
    pen.todo("Obtenir un rendez-vous avec la direction de Sorel", -1, written=17)


def belvaux(pen: Pen) -> None:
    sponsor, champion = pen.key()
    pen.talk(43, "15:00", Ch.CALL, BOTH, champion, "Avant la réouverture", "Quatre hôtels rouvrent dans quelques semaines et les contrôles incendie ne sont pas fiables dans l’outil. Très mécontent.", 30)
    pen.talk(20, "11:00", Ch.EMAIL, OUT, sponsor, "Point avant la réouverture", "Proposé un point avec le support avant la réouverture. Relancé deux fois.")
    pen.talk(6, "10:20", Ch.EMAIL, IN, champion, "Encore un contrôle perdu", "« Encore un contrôle incendie perdu à Megève. Je préviens ma direction. »")
    pen.todo("Réunion de crise Belvaux : support, direction, dates", 1, written=6)
    urgent = pen.ticket(pen.at(3, "08:05"), pen.cast.everybody[-2].name, TicketKind.DEFECT, 1, "Inspections", "Contrôle incendie de Megève introuvable après signature", "Le contrôle incendie signé hier à Megève n’apparaît plus. La commission de sécurité passe la semaine prochaine.")
    urgent.assignee, urgent.team = people.EXPERTS[1], people.PRODUCT_SUPPORT
    urgent.tell(E.FIRST_ANSWERED, urgent.opened_at + timedelta(minutes=48), actor="Lucie Perrin", text="Nous avons retrouvé la trace de la signature. Le support produit reconstitue le rapport.")
    urgent.tell(E.ESCALATED, urgent.opened_at + timedelta(hours=4), actor="Lucie Perrin", to=people.PRODUCT_SUPPORT)


def harbourline(pen: Pen) -> None:
    sponsor, champion = pen.key()
    ramp = pen.ticket(pen.at(11, "09:25"), pen.cast.everybody[-2].name, TicketKind.COMPLAINT, 2, "Service", "Ramp inspections: the third correction did not hold either", "We have now been told three times that it is mended. Yesterday two ramp inspections were gone again. Who is in charge of this?", channel="email")
    ramp.team = people.FIRST_LINE
    fault = pen.ticket(pen.at(20, "09:40"), pen.cast.everybody[-2].name, TicketKind.DEFECT, 2, "Inspections", "Ramp inspections vanish after the second signature", "After the master has signed, the ramp inspection is gone from the list. Two are missing this week.")
    fault.tell(E.FIRST_ANSWERED, fault.opened_at + timedelta(hours=6), actor="Hanna Kivi", text="Reproduced with your ship’s tablet profile; product support has it.")
    fault.tell(E.ESCALATED, fault.opened_at + timedelta(hours=28), actor="Hanna Kivi", to=people.PRODUCT_SUPPORT)
    fault.hand_on(fault.opened_at + timedelta(hours=28), "Hanna Kivi", people.EXPERTS[0], people.PRODUCT_SUPPORT)
    pen.talk(46, "10:00", Ch.CALL, BOTH, champion, "Poole closed", "Poole is closed, nine seats gone. Portsmouth feels left alone with the open faults on the ramp inspections.", 25)
    pen.talk(26, "16:15", Ch.EMAIL, OUT, sponsor, "Next year", "Offered a talk about a smaller package for Portsmouth. No answer.")
    pen.todo(f"Offer for Portsmouth alone to {sponsor}", 5, written=12)


def bogaz(pen: Pen) -> None:
    sponsor, champion = pen.key()
    pen.talk(45, "10:00", Ch.CALL, BOTH, champion, "Terminal Gebze", "Gebze has gone back to paper after the second lost weekend. They want a weekly call until it is stable.", 30)
    pen.talk(19, "15:30", Ch.EMAIL, OUT, sponsor, "Weekly call", "Offered two slots for the weekly call. No answer yet; asked again.")
    pen.talk(4, "09:30", Ch.NOTE, NONE, None, "For Ben while I am away", f"Watch the escalated tickets from Gebze. {champion} answers on the mobile, mail goes unread. Notice day is not far.")
    pen.todo(f"Call {champion} about the escalated tickets", 1, written=4, who="ben.adler")
    lost = pen.ticket(pen.at(5, "08:15"), pen.cast.everybody[-2].name, TicketKind.COMPLAINT, 2, "Service", "Second weekend without data in Gebze", "For the second weekend nothing was recorded in Gebze. Please tell us who is responsible for this on your side.", channel="email")
    lost.team = people.FIRST_LINE
    for ago, topic, subject, text in (
        (
            14,
            "Meter readings",
            "Gate sensors in Gebze deliver nothing on weekends",
            "From Friday evening to Monday morning there is no reading from any gate in Gebze.",
        ),
        (
            10,
            "Planning board",
            "Jobs of the Gebze night shift slip to the next day",
            "Jobs planned for after midnight show up a day later. The night shift stands around.",
        ),
    ):
        fault = pen.ticket(pen.at(ago, "09:40"), pen.cast.everybody[-2].name, TicketKind.DEFECT, 2, topic, subject, text)
        fault.assignee, fault.team = people.EXPERTS[1], people.PRODUCT_SUPPORT
        fault.tell(E.FIRST_ANSWERED, fault.opened_at + timedelta(hours=6), actor="Matteo Grassi", text="We see it here too and have passed it to product support.")
        fault.tell(E.ESCALATED, fault.opened_at + timedelta(hours=28), actor="Matteo Grassi", to=people.PRODUCT_SUPPORT)


def late_onboarding(pen: Pen) -> None:
    sponsor, champion = pen.key()
    fr = pen.company.language == "fr"
    complaint = pen.ticket(pen.at(14, "11:10"), champion, TicketKind.COMPLAINT, 2, "Service", "Troisième date de mise en service sans plan" if fr else f"Third go-live date for {pen.company.sites[-1]}, still no plan behind it", "On nous annonce une troisième date, et personne ne dit ce qui doit être fait par qui. Je ne peux pas mobiliser mes équipes ainsi." if fr else "We are given a third date, and nobody says who has to do what until then. I cannot free my people like this.", channel="email")
    agent = "Lucie Perrin" if fr else "Hanna Kivi"
    complaint.assignee = agent
    complaint.tell(E.FIRST_ANSWERED, complaint.opened_at + timedelta(hours=3), actor=agent, text="Vous avez raison : une date sans plan n’aide personne. Je transmets au chef de projet, qui vous appelle." if fr else "You are right, a date without a plan helps nobody. I pass this to your specialist, who will call you.")
    complaint.tell(E.ACKNOWLEDGED, complaint.opened_at + timedelta(hours=3, minutes=1), actor=agent)
    specialist = people.specialist(pen.company.language)
    first = champion.split()[0]
    if fr:
        pen.talk(58, "10:00", Ch.MEETING, BOTH, champion, "Comité de projet", "Mise en service reportée : la reprise des équipements de Saumur n’est pas prête chez eux. Nouvelle date à fixer.", 60, author=specialist)
        pen.talk(23, "14:00", Ch.CALL, BOTH, champion, "Reprise des données", f"Fichier toujours incomplet : 340 équipements sans emplacement. {first} n’a personne pour cela avant quinze jours.", 25, author=specialist)
        pen.talk(8, "09:30", Ch.EMAIL, OUT, sponsor, "Date de mise en service", "Proposé une mise en service en deux étapes, Angers d’abord.", author=specialist)
        pen.todo("Fichier des équipements complet (côté client)", -9, written=23, who=specialist)
        pen.todo("Accord de la direction sur la mise en service en deux étapes", 4, written=8, who=specialist)
    else:
        site = pen.company.sites[-1]
        pen.talk(61, "10:00", Ch.MEETING, BOTH, champion, "Project meeting", f"Go-live moved: the asset list of {site} is not ready on their side. New date open.", 60, author=specialist)
        pen.talk(25, "14:00", Ch.CALL, BOTH, champion, "Data migration", f"List still incomplete, 340 assets without a place. {first} has nobody for it for two weeks.", 25, author=specialist)
        pen.talk(7, "09:30", Ch.EMAIL, OUT, sponsor, "Go-live in two steps", f"Proposed to go live without {site} first, and to add it a month later.", author=specialist)
        pen.todo(f"Complete asset list of {site} (customer)", -8, written=25, who=specialist)
        pen.todo("Agreement on go-live in two steps", 3, written=7, who=specialist)


def young(pen: Pen) -> None:
    sponsor, _ = pen.key()
    if pen.company.language == "fr":
        pen.talk(12, "11:00", Ch.EMAIL, OUT, sponsor, "Bienvenue", "Présentation et plan des quatre premières semaines. Date de lancement à fixer.")
        pen.todo("Fixer la réunion de lancement", 3, written=12)
    else:
        pen.talk(14, "11:00", Ch.EMAIL, OUT, sponsor, "Welcome", "Introduced myself, sent the plan for the first weeks. They start after the term break.")
        pen.todo("Fix the kick-off after the term break", 5, written=14)
