"""Customers of Ana Ruiz, whose day a visitor sees first."""

# ruff: noqa: E501 - sentences that people write are not cut
# fmt: off

from __future__ import annotations

from datetime import timedelta

from accounts.models import Channel as Ch
from crm.demo import people
from crm.demo.stories.pen import BOTH, IN, NONE, OUT, Pen
from crm.demo.stories.shared import unanswered
from support.models import EventKind as E, TicketKind


def brodeur(pen: Pen) -> None:
    etienne, nathalie, julien = "Étienne Brodeur", "Nathalie Perrot", "Julien Marchand"
    pen.talk(54, "11:00", Ch.CALL, BOTH, nathalie, "Avant le congé", "Nathalie part en congé maternité vendredi, pour cinq mois. Julien reprend le quotidien ; pour les décisions, c’est Étienne.", 20)
    pen.talk(47, "09:30", Ch.MEETING, BOTH, etienne, "Revue avec la direction", "Étienne est satisfait du four 2, moins de Mâcon : trop de retards dans les contrôles. Il veut un point chaque mois tant que Nathalie est absente.", 45)
    pen.talk(31, "14:30", Ch.CALL, BOTH, julien, "Contrôles à Mâcon", "Julien découvre l’outil. Passé en revue les douze contrôles en retard, huit étaient faits sans être clos.", 35)
    pen.talk(24, "10:15", Ch.EMAIL, OUT, etienne, "Point mensuel", "Proposé deux dates pour le point promis. Pas encore de réponse.")
    pen.talk(15, "16:00", Ch.CALL, BOTH, julien, "Stocks", "Le magasin compte encore sur papier. Julien attend l’accord d’Étienne pour deux tablettes.", 15)
    pen.talk(10, "09:10", Ch.EMAIL, OUT, etienne, "Re: Point mensuel", "Relance, avec le chiffrage des deux tablettes.")
    pen.todo("Appeler Étienne Brodeur pour le point promis", 2, written=10)


def corvin(pen: Pen) -> None:
    henrik, katrin = "Henrik Voß", "Katrin Albers"
    for ago, body in (
        (639, "First review with the new plant in Augsburg. Inspections on time 91 %, goal for the year 95."),
        (548, "Inspections on time 94 %. Henrik wants Getafe on board next quarter; budget is there."),
        (457, "Getafe is live with 45 seats. EN 9100 audit passed without a finding on maintenance records."),
        (366, "Year’s review: unplanned stops down 23 %. Henrik will speak at our user day."),
        (275, "Planned share 74 %. Second shift in Augsburg needs seats; Miriam asks for an offer by site."),
        (184, "All goals met one quarter early. New goal: calibration certificates complete for each tool."),
        (93, "Certificates 88 % complete. Paint shop in Stade joins. Henrik: “Keep it exactly this boring.”"),
    ):
        pen.talk(ago, "10:00", Ch.MEETING, BOTH, henrik, "Quarterly review", body, 60)
    pen.talk(6, "10:30", Ch.CALL, BOTH, henrik, "Agenda for the review", "Went through the agenda. Certificates are at 96 %. Henrik would like to see two other aerospace customers’ figures, without names.", 20)
    pen.talk(3, "14:00", Ch.CALL, BOTH, katrin, "Paint shop", "First month in Stade without a breakdown on the paint booth. Katrin prepares the figures for the review.", 15)
    for opened, resolved, who, topic, subject, text, fix, rating in (
        (84, 70, "Stefan Reuter", "Reports", "Downtime of the riveting cells is counted per shift, not per stop", "Since the second shift started, one stop of a riveting cell counts three times in the report.", "Counted per stop again, the reports of two months were generated anew.", 50.0),
        (71, 58, "Andreas Jahn", "Documents", "Calibration certificates of torque wrenches lose their serial number", "After the import 64 certificates have no serial number. Quality cannot release them like this.", "All 64 have their serial numbers back; the import refuses such files from now on.", 75.0),
        (63, 51, "Lucía Varela", "Languages", "Spanish checklists in Getafe show English units", "Torques are shown in foot-pounds. Nobody here works with them.", "Units follow the site now.", 50.0),
    ):
        late = pen.ticket(pen.office(opened, "10:15"), who, TicketKind.DEFECT, 2, topic, subject, text)
        late.assignee = "Hanna Kivi"
        late.tell(E.FIRST_ANSWERED, late.opened_at + timedelta(hours=2), actor="Hanna Kivi", text="We see it and pass it on; you hear from us this week.")
        solved_at = pen.office(resolved, "15:20")
        late.tell(E.RESOLVED, solved_at, actor="Hanna Kivi", text=fix)
        late.tell(E.RATED, solved_at + timedelta(hours=18), rating, actor=who)
        late.tell(E.CLOSED, solved_at + timedelta(days=4), actor=people.SYSTEM)
    sso = pen.ticket(pen.office(44, "09:25"), "Nina Wiegand", TicketKind.DEFECT, 2, "Sign-in", "Sign-in from Getafe takes the way around Hamburg", "Colleagues in Getafe wait up to a minute for the sign-in page, because it goes through our proxy in Hamburg.")
    sso.tell(E.FIRST_ANSWERED, sso.opened_at + timedelta(hours=1), actor="Jonas Weber", text="Measured it: 40 seconds of the minute are the proxy. Product support prepares a second entrance.")
    sso.tell(E.ESCALATED, sso.opened_at + timedelta(hours=26), actor="Jonas Weber", to=people.PRODUCT_SUPPORT)
    sso.hand_on(sso.opened_at + timedelta(hours=26), "Jonas Weber", people.EXPERTS[0], people.PRODUCT_SUPPORT)
    solved_at = pen.office(25, "14:30")
    sso.tell(E.RESOLVED, solved_at, actor=people.EXPERTS[0], text="Getafe signs in directly since last night, in under two seconds.")
    sso.tell(E.RATED, solved_at + timedelta(hours=19), 100.0, actor="Nina Wiegand", text="Worth the wait.")
    sso.tell(E.CLOSED, solved_at + timedelta(days=4), actor=people.SYSTEM)
    pen.todo(f"Quarterly review with {henrik}", 9, written=6)


def kestrel(pen: Pen) -> None:
    gareth, rachel, amara = "Gareth Pritchard", "Rachel Fairhurst", "Amara Okoro"
    pen.talk(38, "11:00", Ch.CALL, BOTH, gareth, "Check-in", "Doncaster catches up with the bogie inspections. Gareth sounded absent-minded, asked twice who else at Kestrel we talk to.", 20)
    pen.talk(20, "09:15", Ch.EMAIL, IN, amara, "Gareth has left us", "“You may have heard: Gareth left on Friday. For now I look after the depots, nobody has been named yet.”")
    pen.talk(19, "16:30", Ch.NOTE, NONE, None, "Champion gone", "Gareth brought us in and defended us in each budget round. Successor to be named “after the reorganisation”. We need Rachel now.")
    pen.talk(11, "10:00", Ch.CALL, BOTH, rachel, "After Gareth", "Rachel keeps the line for the moment. Successor from outside, likely in six weeks. She wants a handover pack so that the new person does not start from zero.", 25)
    pen.todo(f"Handover pack for {rachel}: who uses what, goals, open points", 4, written=11)
    pen.todo("Find out who follows Gareth Pritchard", 18, written=19)


def aldermoor(pen: Pen) -> None:
    sponsor, champion = pen.key()
    pen.talk(124, "15:30", Ch.CALL, BOTH, champion, "Spiral freezer readings", "Freezer readings drop out every weekend, three audits ahead. They keep a clipboard next to the freezer again.", 25)
    pen.talk(104, "09:00", Ch.CALL, BOTH, sponsor, "Escalation", "Straight words: “Fix it before the retailer’s audit or we go back to paper for good.” Escalated to product support, Mia is on it. Exit: four weekends without a gap.", 30)
    pen.talk(97, "17:00", Ch.EMAIL, OUT, sponsor, "Daily status", "First daily status: cause narrowed down to the gateway’s clock.")
    pen.talk(84, "11:15", Ch.MEETING, BOTH, champion, "Correction is in", "New gateway software in Grimsby and Selby since last night. Watching the next four weekends together.", 40)
    pen.talk(54, "10:00", Ch.CALL, BOTH, sponsor, "Escalation closed", "Four weekends without a gap, audit passed. “You took your time, but you told us every day where you were.” Escalation closed.", 20)
    pen.talk(45, "14:00", Ch.CALL, BOTH, sponsor, "Night shift in Grimsby", "Five seats for the night shift, order is on its way.", 15)
    pen.talk(9, "11:00", Ch.CALL, BOTH, champion, "Check-in", "Calm. Wants to show the weekend report to the retailer as an example.", 15)
    planner = pen.cast.everybody[-2].name
    complaint = pen.ticket(pen.at(112, "08:40"), planner, TicketKind.COMPLAINT, 2, "Service", "Six tickets about the freezer, six different people", "Each time we explain the spiral freezer from the beginning. We want one person who knows it.", channel="email")
    complaint.assignee = "Matteo Grassi"
    complaint.tell(E.FIRST_ANSWERED, complaint.opened_at + timedelta(hours=54), actor="Matteo Grassi", text="That is how it was, and it is not right. From today Yasmin Haddad stays with you until it is solved.")
    complaint.tell(E.ACKNOWLEDGED, complaint.opened_at + timedelta(hours=55), actor="Matteo Grassi")
    complaint.tell(E.RESOLVED, pen.at(83, "15:00"), actor=people.EXPERTS[1], text="One person until the end, and four weekends that we watch together.")
    boiler = pen.ticket(pen.at(108, "10:05"), planner, TicketKind.DEFECT, 2, "Inspections", "Boiler inspections in Selby cannot be closed", "Closing the boiler inspection ends with “reading missing”, because the readings of the weekend are not there.")
    boiler.tell(E.FIRST_ANSWERED, boiler.opened_at + timedelta(hours=3), actor="Hanna Kivi", text="It hangs on the missing weekend readings. Linked to the freezer ticket, product support has both.")
    boiler.tell(E.ESCALATED, boiler.opened_at + timedelta(hours=30), actor="Hanna Kivi", to=people.PRODUCT_SUPPORT)
    boiler.hand_on(boiler.opened_at + timedelta(hours=30), "Hanna Kivi", people.EXPERTS[1], people.PRODUCT_SUPPORT)
    boiler.tell(E.RESOLVED, pen.at(82, "10:20"), actor=people.EXPERTS[1], text="Closes again since the new gateway software.")
    weekend = pen.ticket(pen.at(126, "07:20"), planner, TicketKind.DEFECT, 1, "Meter readings", "Spiral freezer: no readings from Saturday 18:00 to Monday", "For the third weekend there are no temperatures of the spiral freezer. The retailer will not accept gaps.")
    weekend.assignee, weekend.team = people.EXPERTS[1], people.PRODUCT_SUPPORT
    weekend.tell(E.FIRST_ANSWERED, weekend.opened_at + timedelta(hours=3), actor="Matteo Grassi", text="We see the gap. The gateway sends, but with a time in the future; these values are dropped.")
    weekend.tell(E.ESCALATED, pen.at(104, "09:40"), actor="Matteo Grassi", to=people.PRODUCT_SUPPORT)
    weekend.tell(E.CUSTOMER_REPLY, pen.at(98, "07:05"), actor=weekend.contact.name, text="Again this weekend. The audit is in two weeks.")
    weekend.tell(E.AGENT_REPLY, pen.at(86, "16:30"), actor=people.EXPERTS[1], text="The gateway’s clock runs away when the line drops. New software corrects it; installed tonight in both plants.")
    weekend.tell(E.RESOLVED, pen.at(82, "10:10"), actor=people.EXPERTS[1], text="Two nights without a gap. We keep watching four weekends before we call it done.")
    weekend.tell(E.RATED, pen.at(54, "10:40"), 75.0, actor=weekend.contact.name, text="Took long, but honest all the way.")
    weekend.tell(E.CLOSED, pen.at(54, "12:00"), actor=people.SYSTEM)


def vanhoudt(pen: Pen) -> None:
    _, champion = pen.key()
    scan = pen.ticket(pen.at(20, "07:50"), pen.cast.everybody[-2].name, TicketKind.DEFECT, 2, "Mobile app", "Since the release the app starts over after each scan", "After each scan the app goes back to the first job. With 40 stops a round that makes 40 searches; the drivers call the workshop instead.")
    scan.tell(E.FIRST_ANSWERED, scan.opened_at + timedelta(hours=3), actor="Hanna Kivi", text="We have the same from two other customers since the release. The correction for newer phones is in test.")
    scan.tell(E.ESCALATED, scan.opened_at + timedelta(hours=27), actor="Hanna Kivi", to=people.PRODUCT_SUPPORT)
    scan.hand_on(scan.opened_at + timedelta(hours=27), "Hanna Kivi", people.EXPERTS[1], people.PRODUCT_SUPPORT)
    scan.tell(E.CUSTOMER_REPLY, pen.office(12, "08:20"), actor=scan.contact.name, text="Newer phones work again, thank you. The 25 older ones still start over.")
    pen.talk(21, "10:00", Ch.CALL, BOTH, champion, "After the release", "Since the release the app loses its place after each scan; 40 drivers call the workshop instead. Support collects the cases.", 20)
    pen.talk(13, "14:30", Ch.CALL, BOTH, champion, "Wave of tickets", "A first correction helped the newer phones, older ones still fail. They have stopped the rollout in Venlo until it is settled.", 25)
    pen.talk(4, "09:45", Ch.EMAIL, OUT, champion, "Date of the correction", "Product names Thursday for the older phones. Sent the date and the list of the phones concerned.")
    pen.todo(f"Check with {champion.split()[0]} whether the correction holds", 3, written=4)


def bramwell(pen: Pen) -> None:
    colin = "Colin Hargreaves"
    pen.talk(16, "10:30", Ch.EMAIL, OUT, colin, "Welcome", "Introduced myself and sent the plan for the first four weeks. Kick-off to be fixed.")
    pen.talk(9, "15:00", Ch.EMAIL, IN, "Joanne Barlow", "Kick-off", "“Colin is abroad until next week. We will come back with a date.”")
    pen.todo(f"Fix the kick-off with {colin}", 2, written=9)


def costaverde(pen: Pen) -> None:
    unanswered(pen)
    pen.talk(33, "16:10", Ch.NOTE, NONE, None, "Nothing from Coruche", "No ticket and no mail for months. Either all runs by itself or nobody uses it. Call instead of guessing.")
    pen.todo(f"Ask {pen.key()[0]} whether anybody uses it", 4, written=33)
