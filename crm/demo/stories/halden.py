"""Halden Logistics: the customer to call today."""

# ruff: noqa: E501 - sentences that people write are not cut
# fmt: off

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Channel as Ch
from crm.demo import people
from crm.demo.stories.pen import BOTH, IN, NONE, OUT, Pen
from support.models import EventKind as E, TicketKind

FIRST_URGENT, SECOND_URGENT, THIRD_URGENT = "halden-1", "halden-2", "halden-3"
NUMBERS = {FIRST_URGENT: 4412, SECOND_URGENT: 4427, THIRD_URGENT: 4431}


def halden(pen: Pen) -> None:
    ingrid, solveig, lars, tore = "Ingrid Moe", "Solveig Dahl", "Lars Haugen", "Tore Bakke"
    first = pen.ticket(pen.at(9, "06:52"), ingrid, TicketKind.DEFECT, 1, "Notifications", "Breakdown alarms of the Gardermoen sorter reach nobody on call", "Sorter S1 stopped twice during the night. The breakdown jobs were opened, but no text message went out to the person on call. We lost four hours before the early shift came.", FIRST_URGENT, "phone")
    at = first.opened_at
    first.tell(E.FIRST_ANSWERED, at + timedelta(minutes=41), actor="Jonas Weber", text="I see both breakdowns, and that no message was sent for them. I am asking product support at once; until then please keep the on-call phone logged in to the app.")
    first.hand_on(at + timedelta(hours=2), "Jonas Weber", people.EXPERTS[0], people.PRODUCT_SUPPORT)
    first.tell(E.CUSTOMER_REPLY, pen.at(7, "07:15"), actor=ingrid, text="It happened again last night at 02:40. Who can I call?")
    first.tell(E.AGENT_REPLY, pen.at(7, "15:50"), actor=people.EXPERTS[0], text="The message queue of your region drops messages while the report server restarts. We are testing a correction.")
    first.tell(E.CUSTOMER_REPLY, pen.at(4, "06:30"), actor=ingrid, text="We now have a colleague sleeping next to the sorter. Any news on the correction?")
    before = pen.ticket(pen.at(47, "07:10"), "Henrik Strand", TicketKind.DEFECT, 1, "ERP interface", "Spare-part bookings vanish in the night transfer to Dynamics", "Since the weekend a part of the withdrawals never arrives in Dynamics. The stock is wrong every morning and we order parts that we have.")
    before.tell(E.FIRST_ANSWERED, before.opened_at + timedelta(minutes=48), actor="Priya Nair", text="We see the gaps. Integrations is comparing both sides for the last five nights.")
    before.tell(E.ESCALATED, before.opened_at + timedelta(hours=3), actor="Priya Nair", to=people.INTEGRATIONS)
    before.hand_on(before.opened_at + timedelta(hours=3), "Priya Nair", people.EXPERTS[1], people.INTEGRATIONS)
    before.tell(E.CUSTOMER_REPLY, pen.at(28, "07:45"), actor="Henrik Strand", text="Certificate is renewed on our side. Two nights were clean, tonight again 31 bookings are missing.")
    before.tell(E.AGENT_REPLY, pen.at(24, "14:20"), actor=people.EXPERTS[1], text="Cause found: bookings on split orders are skipped. The correction needs a change on both sides.")
    before.tell(E.CUSTOMER_REPLY, pen.at(17, "08:30"), actor="Henrik Strand", text="When? We count by hand every week now.")
    before.tell(E.RESOLVED, pen.at(10, "15:30"), actor=people.EXPERTS[1], text="The correction is live, and the missing bookings have been delivered afterwards.")
    tablets = pen.ticket(pen.at(42, "09:35"), "Marit Eide", TicketKind.DEFECT, 2, "Mobile app", "Tablets of the night shift in Moss sign out in the middle of a job", "Between 2 and 3 o’clock all tablets sign out, and the job that is being written is gone.")
    tablets.assignee = "Hanna Kivi"
    tablets.tell(E.FIRST_ANSWERED, tablets.opened_at + timedelta(hours=2), actor="Hanna Kivi", text="The sign-in service restarts at that hour. We have asked your IT for a longer session on shared tablets; please tell us when it is set.")
    tablets.tell(E.WAITING, tablets.opened_at + timedelta(hours=2, minutes=1), actor="Hanna Kivi")
    set_at = pen.office(17, "15:50")
    tablets.tell(E.CUSTOMER_REPLY, set_at, actor="Marit Eide", text="Set since Monday. Two jobs were lost until then.")
    tablets.tell(E.RESOLVED, set_at + timedelta(hours=42), actor="Hanna Kivi", text="Sessions of shared tablets last 30 days now; no sign-out since.")
    complaint = pen.ticket(pen.at(6, "16:22"), solveig, TicketKind.COMPLAINT, 2, "Service", "Nobody tells us anything while our alarms fail", "Our alarms have failed for days, and all we get are standard answers. I want to hear from somebody who can decide, with a date. If this goes on I cannot defend the renewal here.", "halden-complaint", "email")
    complaint.team = people.FIRST_LINE

    pen.talk(47, "10:00", Ch.MEETING, BOTH, lars, "Quarterly review", "Lars, Solveig and I. Planned share fell to 58 %, alarms were late three times. Lars: “Peak season starts in six weeks; by then I want this settled.” Wants a plan with dates and a name.", 55)
    pen.talk(41, "17:05", Ch.EMAIL, OUT, lars, "Plan with dates", "Sent the plan: alarms, night transfer, tablets; name and date for each. Asked for half an hour to go through it.")
    pen.talk(34, "09:20", Ch.EMAIL, OUT, lars, "Half an hour this week?", "Second try for a talk about the plan. No answer so far.")
    pen.talk(29, "14:10", Ch.CALL, BOTH, "Henrik Strand", "Night transfer", "Henrik has the new certificate in place. Transfer ran clean two nights. He hears grumbling from the terminals.", 20)
    pen.talk(22, "08:45", Ch.EMAIL, IN, solveig, "Re: Plan with dates", "“The dates of points 1 and 3 have passed. I would rather show Lars results than another plan.”")
    pen.talk(16, "11:30", Ch.NOTE, NONE, None, "Called Lars twice", "Mobile and office, mailbox both times. Assistant says he is at the terminals all week. Trying through Ingrid.")
    pen.talk(8, "13:20", Ch.CALL, BOTH, ingrid, "#4412, alarms at Gardermoen", "Ingrid is fair but worn out: “I believe you, I just cannot prove it to anyone here.” Wants to be called by Friday whatever the state is.", 25)
    pen.talk(5, "09:05", Ch.EMAIL, OUT, lars, "Before the notice day", "Asked Lars for fifteen minutes before the notice day and offered to come to Moss. No answer yet.")
    pen.talk(2, "15:40", Ch.NOTE, NONE, None, "Sign from their finance", "Marc heard that Tore Bakke had the contract sent to him, notice clause marked. Told Mia.")
    pen.todo(f"Call {ingrid} about #4412", 1, written=8, friday=True)
    pen.todo(f"Get {lars} on the phone before the notice day", 8, written=5)
    pen.todo(f"Value summary for {tore}: jobs, stops, inspections", 9, written=2)


def second_and_third(pen: Pen, others: list[datetime]) -> None:
    """Opened when the helpdesk's numbers had come to 4427 and 4431."""
    first_at = next(ticket.opened_at for ticket in pen.tickets if ticket.mark == FIRST_URGENT)
    after = [at for at in others if at > first_at]
    second_at = min([*after[13:14], pen.at(5, "13:34")]) + timedelta(seconds=40)
    later = [at for at in after if at > second_at]
    third_at = min([*later[2:3], pen.at(3, "10:12")]) + timedelta(seconds=55)

    second = pen.ticket(second_at, "Marit Eide", TicketKind.DEFECT, 1, "ERP interface", "All open work orders of Moss exist twice after the night transfer", "After last night’s transfer from Dynamics every open order in Moss is there twice, 212 of them. My people close one, the other one stays open. We cannot plan like this.", SECOND_URGENT)
    second.tell(E.FIRST_ANSWERED, second_at + timedelta(minutes=33), actor="Priya Nair", text="I have stopped the transfer so that no more are added. Integrations is looking at how to take the copies back without losing your bookings.")
    second.hand_on(second_at + timedelta(hours=3), "Priya Nair", people.EXPERTS[1], people.INTEGRATIONS)
    second.tell(E.CUSTOMER_REPLY, second_at + timedelta(hours=26), actor="Marit Eide", text="The copies are still there. We write hours on paper now.")

    third = pen.ticket(third_at, "Eirik Nygård", TicketKind.DEFECT, 1, "Inspections", "Forklift inspections in Gothenburg cannot be signed: trucks are grounded", "The yearly inspections of seven forklifts are done, but signing ends with “record is locked”. Without signature the trucks must not run.", THIRD_URGENT, "phone")
    third.assignee = "Jonas Weber"
    third.tell(E.FIRST_ANSWERED, third_at + timedelta(minutes=52), actor="Jonas Weber", text="The lock comes from the stopped transfer. As a stopgap the inspector can sign the PDF; I attach the seven files.")
    third.tell(E.CUSTOMER_REPLY, third_at + timedelta(hours=20), actor="Eirik Nygård", text="Signed on paper for now. The authority wants them in the system by the end of the month.")
