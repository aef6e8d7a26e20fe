"""What our people think and do about their customers: pulses, risks, goals, promises. Days are counted back from today."""

# ruff: noqa: E501 - sentences that people write are not cut
# fmt: off

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.goals.models import GoalStatus
from accounts.models import ContactRoleKind as Role
from accounts.promises.models import PromisedBy, PromiseStatus
from accounts.pulse.models import PulseColour as P
from accounts.risks.models import RiskReason as R, RiskStatus
from crm.demo.companies import COMPANIES
from crm.demo.when import dice


@dataclass(frozen=True)
class Said:
    """A pulse: what the owner said so many days ago."""

    company: str
    ago: int
    colour: P
    sentence: str = ""


@dataclass(frozen=True)
class Turn:
    """What changed about a risk so many days ago; ``before`` and ``after`` are amounts, steps or words."""

    ago: int
    name: str  # arr, step, help
    before: str | int | None = None
    words: str = ""


@dataclass(frozen=True)
class Worry:
    """A risk as it stands; ``due``: its next step is due in so many days, late where negative."""

    company: str
    reason: R
    words: str
    arr: int | None
    since: int
    owner: str
    step: str = ""
    due: int | None = None
    help: str = ""
    help_from: str = ""
    turns: tuple[Turn, ...] = ()
    status: RiskStatus = RiskStatus.OPEN
    closed: int | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Seen:
    ago: int
    figure: float | None
    words: str
    for_customer: bool = True


@dataclass(frozen=True)
class Aim:
    company: str
    objective: str
    metric: str
    unit: str
    baseline: float | None
    target: float | None
    set_ago: int
    due: int  # in so many days
    of: Role = Role.SPONSOR
    seen: tuple[Seen, ...] = field(default_factory=tuple)
    settled: tuple[int, GoalStatus, str] | None = None


@dataclass(frozen=True)
class Pledge:
    company: str
    what: str
    side: PromisedBy
    by: str
    on: int
    due: int  # in so many days, late where negative
    to: Role = Role.SPONSOR
    settled: tuple[int, PromiseStatus, str] | None = None


PULSES = (
    Said("halden", 160, P.GREEN, "Lars calls us his quietest supplier."),
    Said("halden", 64, P.AMBER, "Alarms late twice; Lars wants a plan."),
    Said("halden", 41, P.AMBER, "The plan is sent, nobody answers."),
    Said("halden", 9, P.RED, "Alarms fail at night, the sponsor does not call back, notice is due in days."),
    Said("brodeur", 88, P.GREEN, "Nathalie tient tout."),
    Said("brodeur", 31, P.AMBER, "Nathalie est en congé et Étienne ne répond pas."),
    Said("brodeur", 10, P.AMBER, "Deux relances sans réponse, mais le four 2 tourne bien."),
    Said("corvin", 184, P.GREEN, "All goals met a quarter early."),
    Said("corvin", 93, P.GREEN),
    Said("corvin", 3, P.GREEN, "Paint shop without a breakdown; they speak for us."),
    Said("kestrel-rail", 120, P.GREEN, "Gareth pushes it through himself."),
    Said("kestrel-rail", 19, P.AMBER, "Gareth is gone, nobody named, budget round in spring."),
    Said("nordvik", 26, P.GREEN, "Nothing to report, and that is good."),
    Said("aldermoor", 124, P.RED, "“Fix it before the audit or we go back to paper.”"),
    Said("aldermoor", 84, P.AMBER, "Correction is in; four weekends to prove it."),
    Said("aldermoor", 47, P.GREEN, "Audit passed. They told the retailer how we handled it."),
    Said("vanhoudt", 40, P.GREEN),
    Said("vanhoudt", 4, P.AMBER, "A wave of tickets since the update; the planner is patient for now."),
    Said("ferrolan", 52, P.AMBER, "New plant director wants to compare offers before they decide."),
    Said("costaverde", 170, P.AMBER, "Nobody answers any more."),
    Said("gothachemie", 330, P.RED, "They have written to our management."),
    Said("gothachemie", 250, P.AMBER, "The steering meeting works; two of five points closed."),
    Said("gothachemie", 120, P.GREEN, "Signed for three years."),
    Said("mistral-energies", 75, P.GREEN),
    Said("mistral-energies", 18, P.AMBER, "Les cinq derniers tickets ont tous été rouverts."),
    Said("sorel", 90, P.AMBER, "Les délais se rallongent."),
    Said("sorel", 17, P.RED, "La direction refuse nos rendez-vous."),
    Said("bogazcargo", 25, P.AMBER, "Two escalations at once, and Elif is on leave."),
    Said("belvaux", 60, P.AMBER, "Trois hôtels sur quatre se plaignent du mobile."),
    Said("belvaux", 6, P.RED, "Réunion de crise demandée par leur directeur."),
    Said("harbourline", 46, P.AMBER, "They want Portsmouth alone and a smaller contract."),
    Said("velmont", 420, P.GREEN),
    Said("velmont", 260, P.AMBER, "Un transfert sur sept échoue."),
    Said("velmont", 150, P.RED, "Appel d’offres lancé."),
    Said("castlemere", 480, P.GREEN, "Steady."),
    Said("castlemere", 300, P.AMBER, "They have stopped reporting faults."),
    Said("castlemere", 270, P.RED, "The new owner brings its own system."),
    Said("rossmark", 560, P.GREEN, "Nothing burns."),
    Said("rossmark", 400, P.GREEN, "Quiet, orders are down."),
)

_USUAL = {
    "excellent": ((150, P.GREEN, ""), (20, P.GREEN, "They would recommend us.")),
    "bumpy": ((130, P.GREEN, ""), (70, P.AMBER, "Too many small things at once."), (15, P.GREEN, "Calmer again.")),
    "fair": ((45, P.GREEN, ""),),
    "sliding_light": ((95, P.GREEN, ""), (28, P.AMBER, "Slower answers than they are used to.")),
    "late_onboarding": ((12, P.AMBER, "The asset list is late, and it is theirs."),),
    "surge_light": ((22, P.GREEN, ""),),
}


def pulses() -> list[Said]:
    """Those told by hand, and usual ones for customers of whom nothing is told."""
    told = {one.company for one in PULSES}
    found = list(PULSES)
    for company in COMPANIES:
        if company.key in told or company.churned is not None or company.tier == "low_touch":
            continue
        shift = dice("pulse", company.key).randrange(0, 9)
        found += [Said(company.key, ago + shift, colour, words) for ago, colour, words in _USUAL.get(company.course, ())]
    return found


RISKS = (
    Worry(
        "halden", R.QUALITY, "Breakdown alarms reach nobody at night, three urgent tickets are open past their targets. Ingrid can no longer defend us inside.", 184_000, 22, "ana.ruiz",
        "Name a date for #4412 to Ingrid, by phone", 2, "A release date for the message queue, not “testing”", "mia.lindqvist",
        (Turn(3, "arr", 92_000), Turn(8, "step", "Send Ingrid the state of all three tickets", "She waits for a date, not for words."), Turn(4, "help", "")),
    ),
    Worry(
        "halden", R.SPONSOR, "Lars has not answered for weeks; their finance has asked for the contract with the notice clause marked.", 184_000, 16, "ana.ruiz",
        "Get Lars on the phone, through his assistant", -1, "Call his director, whom you met at the user day", "helene.caron",
    ),
    Worry("halden", R.BUDGET, "Tore Bakke compares what each site pays per job.", 40_000, 2, "marc.dubois", "Value summary with Ana", 7),
    Worry("brodeur", R.CHAMPION, "Nathalie est en congé pour cinq mois, Julien découvre l’outil.", 30_000, 54, "ana.ruiz", "Fixer le point mensuel avec Étienne", 4),
    Worry("kestrel-rail", R.CHAMPION, "Gareth brought us in and defended us in each budget round. His successor comes from outside.", 228_000, 19, "ana.ruiz", "Handover pack for Rachel", 4, turns=(Turn(5, "step", "Find out who decides until then"),)),
    Worry("ferrolan", R.COMPETITOR, "The new plant director has asked two competitors for offers.", 118_000, 34, "ana.ruiz"),
    Worry("vanhoudt", R.QUALITY, "Route inspections are lost on Android since the update.", None, 6, "ana.ruiz", "Check that the correction holds for a week", 3),
    Worry("costaverde", R.ADOPTION, "Three of ten seats were used in the last quarter.", 14_000, 92, "ana.ruiz", "Decide whether we keep calling", 20, status=RiskStatus.ACCEPTED),
    Worry("sorel", R.SUPPORT, "Sept tickets sur dix hors délai depuis l’été ; la direction refuse de nous voir.", 58_000, 46, "ben.adler", "Obtenir un rendez-vous avec la direction", -3, "Un geste commercial, écrit", "mia.lindqvist"),
    Worry("mistral-energies", R.QUALITY, "Les mêmes défauts reviennent après chaque livraison.", 50_000, 18, "ben.adler", "Relire les cinq derniers tickets avec le support", 3),
    Worry("bogazcargo", R.SUPPORT, "Two tickets escalated at the same time, both past target.", 86_000, 9, "ben.adler", "Call their head of maintenance", 1),
    Worry("belvaux", R.QUALITY, "L’application mobile perd les photos des interventions.", 94_000, 33, "claire.moreau", "Réunion de crise : support, direction, dates", 1, "La présence d’un responsable du support", "priya.nair", (Turn(2, "arr", 60_000),)),
    Worry("harbourline", R.PRICE, "They want Portsmouth alone: a third of the contract.", 54_000, 46, "david.okafor", "Offer for Portsmouth alone", 5),
    Worry("clairval", R.ONBOARDING, "Le fichier des équipements n’arrive pas ; la mise en service glisse d’un mois.", 58_000, 24, "claire.moreau", "", None),
    Worry("aldermoor", R.QUALITY, "Freezer readings drop out every weekend, and the retailer’s audit is near.", 88_000, 124, "ana.ruiz", status=RiskStatus.MITIGATED, closed=47, outcome="Four clean weekends, audit passed; daily status mails were what they liked."),
    Worry("gothachemie", R.SUPPORT, "Five unanswered complaints in a quarter; a letter to our management.", 290_000, 330, "ben.adler", status=RiskStatus.MITIGATED, closed=130, outcome="Steering meeting every two weeks until the fifth point was closed; signed for three years."),
    Worry("tub", R.BUDGET, "The city cuts maintenance by a tenth.", 30_000, 60, "claire.moreau", status=RiskStatus.MISTAKEN, closed=5, outcome="The cut is on vehicles, not on software."),
    Worry("velmont", R.QUALITY, "Transferts de nuit en échec une fois par semaine depuis un an.", 78_000, 260, "ben.adler", status=RiskStatus.HAPPENED, closed=96, outcome="Parti : transferts en échec, trois interlocuteurs en un an, prix d’un concurrent."),
    Worry("castlemere", R.OWNERSHIP, "The dairy was bought; the new owner has its own system.", 69_000, 290, "david.okafor", status=RiskStatus.HAPPENED, closed=201, outcome="Left at the end of the term. We heard of the sale from the newspaper."),
)

GOALS = (
    Aim("halden", "No breakdown goes unheard at night", "breakdown alarms that reach somebody within five minutes", "%", 81, 99, 150, 20, Role.CHAMPION, (Seen(96, 88, "Second on-call phone in Gardermoen."), Seen(47, 84, "Night shifts of September; two alarms late."), Seen(10, 71, "Three nights without a single message.", False))),
    Aim("halden", "Four fifths of the work is planned", "share of planned jobs", "%", 58, 80, 47, 130, seen=(Seen(14, 61, "Svinesund plans two weeks ahead now."),)),
    Aim("brodeur", "Tous les contrôles à l’heure à Mâcon", "contrôles faits à l’heure", "%", 72, 95, 120, 60, seen=(Seen(31, 80, "Huit des douze retards étaient des clôtures oubliées."),)),
    Aim("corvin", "A calibration certificate for each tool", "tools with a complete certificate", "%", 74, 100, 184, 30, seen=(Seen(93, 88, "Torque wrenches done."), Seen(6, 96, "Only gauges of Stade are missing."))),
    Aim("corvin", "Inspections on time in all four plants", "inspections done on time", "%", 91, 95, 639, -275, seen=(Seen(548, 94, "Augsburg follows."), Seen(366, 96, "Year’s review.")), settled=(275, GoalStatus.REACHED, "A quarter early; Henrik spoke at our user day.")),
    Aim("kestrel-rail", "Bogie inspections catch up in Doncaster", "overdue bogie inspections", "", 46, 5, 130, 50, Role.DECISION_MAKER, (Seen(38, 19, "Two fitters more on the night shift."),)),
    Aim("aldermoor", "Pass the retailer’s audit without paper", "", "", None, None, 160, -50, seen=(Seen(84, None, "Gateway replaced in Grimsby and Selby."),), settled=(47, GoalStatus.REACHED, "Passed without a finding.")),
    Aim("vanhoudt", "A trailer stands still for less than a day", "days off the road after a damage", "d", 3.4, 1, 90, 100, seen=(Seen(20, 2.1, "Photos from the road save a day."),)),
    Aim("gothachemie", "No complaint without an answer within a day", "complaints answered within 24 h", "%", 40, 95, 250, 40, seen=(Seen(120, 90, ""), Seen(30, 97, "Five months in a row."))),
    Aim("sorel", "Remettre les gammes de maintenance à jour", "gammes à jour", "%", 35, 90, 200, -12, seen=(Seen(60, 52, ""),)),
    Aim("belvaux", "Une chambre rendue le jour même", "pannes résolues le jour même", "%", 55, 80, 120, 75, seen=(Seen(40, 63, "Annecy et Megève à 70 %."),)),
    Aim("velmont", "Arrêts de quai divisés par deux", "arrêts par mois", "", 30, 15, 500, -220, seen=(Seen(300, 27, ""),), settled=(210, GoalStatus.MISSED, "Jamais mesuré au-delà du premier quai.")),
)

_US, _SALES = PromisedBy.US, PromisedBy.SALES
PROMISES = (
    Pledge("halden", "A name and a date for each of the three points of the plan", _US, "ana.ruiz", 47, -12),
    Pledge("halden", "Another call this week, whatever the state of #4412 is", _US, "ana.ruiz", 8, 3, Role.CHAMPION),
    Pledge("halden", "The Svinesund terminal at the price of the first three", _SALES, "marc.dubois", 420, -300, settled=(320, PromiseStatus.KEPT, "In the amendment of the year before last.")),
    Pledge("brodeur", "Un point avec la direction chaque mois", _US, "ana.ruiz", 47, -6),
    Pledge("corvin", "Two anonymous benchmarks of other aerospace plants", _US, "ana.ruiz", 6, 8),
    Pledge("kestrel-rail", "A handover pack for whoever follows Gareth", _US, "ana.ruiz", 11, 4, Role.DECISION_MAKER),
    Pledge("aldermoor", "Daily status until four weekends are clean", _US, "ana.ruiz", 104, -60, settled=(56, PromiseStatus.KEPT, "32 mails; they asked us to stop.")),
    Pledge("vanhoudt", "Offline photos on Android in the autumn release", _SALES, "marc.dubois", 210, -24, settled=(20, PromiseStatus.BROKEN, "Came three weeks late and without the damage form; they were told by us, not by sales.")),
    Pledge("ferrolan", "A visit before they decide", _SALES, "marc.dubois", 30, 12),
    Pledge("sorel", "Un rapport hebdomadaire des délais", _US, "ben.adler", 40, -9),
    Pledge("belvaux", "Les photos des interventions de septembre récupérées", _US, "claire.moreau", 20, 2),
    Pledge("harbourline", "Barcode labels for Poole, free of charge", _SALES, "marc.dubois", 120, 15),
    Pledge("bramwell", "Kick-off in the first half of the month", _SALES, "marc.dubois", 21, 1),
)
