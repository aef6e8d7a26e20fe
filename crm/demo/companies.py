"""The customers of the demo: who they are, whose they are, and how things go for each."""

# ruff: noqa: E501 - a table reads best with one line a row

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Tier

E, M, L = Tier.ENTERPRISE, Tier.MID, Tier.LOW_TOUCH


@dataclass(frozen=True)
class Company:
    """``decides_in`` and ``notice`` in days; ``since`` in days before today; ``arr`` per year, whole currency units."""

    name: str
    domain: str  # without .example
    country: str
    industry: str
    tier: Tier
    owner: str
    arr: int
    seats: int
    since: int
    decides_in: int
    notice: int
    sites: tuple[str, ...]
    course: str = "steady"  # how it goes with them: a key of courses.COURSES
    language: str = "en"
    currency: str = "EUR"
    erp: str = "SAP"
    churned: int | None = None  # days before today

    @property
    def key(self) -> str:
        return self.domain


def _sites(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


def _of(owner: str, *rows: tuple[object, ...]) -> tuple[Company, ...]:
    companies = []
    for name, domain, country, industry, tier, arr, seats, since, decides_in, notice, sites, *rest in rows:
        more = dict(rest[0]) if rest else {}  # type: ignore[call-overload]
        companies.append(
            Company(
                name, domain, country, industry, tier, owner, arr, seats, since, decides_in, notice,  # type: ignore[arg-type]
                _sites(str(sites)), **more,
            )
        )  # fmt: skip
    return tuple(companies)


_ANA = _of(
    "ana.ruiz",
    ("Halden Logistics", "halden", "NO", "Logistics", M, 184_000, 126, 1490, 10, 90, "Moss, Gardermoen, Gothenburg, Svinesund", {"course": "halden", "erp": "Dynamics"}),
    ("Brodeur et Fils", "brodeur", "FR", "Food", M, 62_000, 44, 1120, 96, 60, "Villefranche, Mâcon, Roanne", {"course": "brodeur", "language": "fr", "erp": "Sage"}),
    ("Corvin Aerospace", "corvin", "DE", "Aerospace", E, 410_000, 285, 1730, 234, 90, "Finkenwerder, Stade, Augsburg, Getafe", {"course": "corvin"}),
    ("Kestrel Rail Services", "kestrel-rail", "GB", "Rail", E, 228_000, 160, 1210, 158, 90, "Crewe, Doncaster, Ashford", {"course": "champion_left"}),
    ("Nordvik Shipyards", "nordvik", "NO", "Shipbuilding", E, 265_000, 175, 980, 402, 90, "Laksevåg, Florø, Ulsteinvik"),
    ("Aldermoor Foods", "aldermoor", "GB", "Food", M, 88_000, 61, 860, 205, 60, "Thirsk, Selby, Grimsby", {"course": "recovered", "currency": "GBP", "erp": "Dynamics"}),
    ("Tessin Präzision", "tessin", "CH", "Machinery", M, 96_000, 58, 770, 318, 60, "Mendrisio, Biasca", {"course": "excellent"}),
    ("Van Houdt Transport", "vanhoudt", "NL", "Logistics", M, 74_000, 52, 640, 121, 60, "Waalwijk, Moerdijk, Venlo", {"course": "surge", "erp": "Exact"}),
    ("Ferrolán Siderurgia", "ferrolan", "ES", "Steel", M, 118_000, 80, 1010, 62, 60, "Ferrol, Avilés", {"course": "fair"}),
    ("Papeterie du Vercors", "papeterie-vercors", "FR", "Paper", M, 54_000, 38, 560, 440, 60, "Voreppe, Renage", {"course": "excellent", "language": "fr", "erp": "Sage"}),
    ("Sunnana Timber", "sunnana", "SE", "Timber", L, 19_000, 14, 690, 287, 30, "Sunnanå, Bollnäs", {"erp": "Visma"}),
    ("Hollmann Kältetechnik", "hollmann", "DE", "Machinery", L, 16_000, 11, 480, 176, 30, "Kassel, Göttingen", {"erp": "DATEV"}),
    ("Costa Verde Cork", "costaverde", "PT", "Timber", L, 14_000, 10, 830, 143, 30, "Coruche, Ponte de Sor", {"course": "silent", "erp": "Primavera"}),
    ("Bramwell Castings", "bramwell", "GB", "Steel", L, 22_000, 16, 19, 316, 30, "Dudley, Tipton", {"course": "new", "erp": "Sage"}),
)  # fmt: skip

_BEN = _of(
    "ben.adler",
    ("Aurel Drivetrain", "aurel", "DE", "Machinery", E, 340_000, 232, 1350, 271, 90, "Schweinfurt, Bamberg, Győr"),
    ("Gotha Chemie", "gothachemie", "DE", "Chemicals", E, 290_000, 198, 1580, 970, 90, "Gotha, Bitterfeld, Leuna", {"course": "saved"}),
    ("Mistral Énergies", "mistral-energies", "FR", "Energy", M, 105_000, 74, 900, 168, 60, "Istres, Avignon, Narbonne", {"course": "sliding", "language": "fr"}),
    ("Oakhurst Packaging", "oakhurst", "GB", "Paper", M, 67_000, 48, 730, 252, 60, "Corby, Wrexham", {"currency": "GBP", "erp": "Dynamics"}),
    ("Delta Marine Works", "deltamarine", "NL", "Shipbuilding", M, 83_000, 57, 610, 359, 60, "Vlissingen, Schiedam", {"course": "surge_light", "erp": "Exact"}),
    ("Sorel Industrie", "sorel", "FR", "Steel", M, 58_000, 41, 1040, 74, 60, "Saint-Chamond, Firminy", {"course": "red", "language": "fr", "erp": "Sage"}),
    ("Kaltenbach Werkzeuge", "kaltenbach", "AT", "Machinery", M, 71_000, 49, 950, 487, 60, "Steyr, Wels"),
    ("Tidewell Water", "tidewell", "GB", "Water", M, 92_000, 66, 820, 197, 60, "Ipswich, Colchester, Lowestoft", {"course": "bumpy", "erp": "Dynamics"}),
    ("Brackwater Brewing", "brackwater", "IE", "Food", L, 24_000, 17, 540, 301, 30, "Wexford, Kilkenny", {"erp": "Sage"}),
    ("Pinecrest Joinery", "pinecrest", "IE", "Timber", L, 12_000, 8, 460, 226, 30, "Athlone", {"course": "quiet_fine", "erp": "Sage"}),
    ("Maison Ferrand Textile", "ferrand", "FR", "Textiles", L, 17_000, 12, 880, 390, 30, "Tourcoing, Roubaix", {"language": "fr", "erp": "Cegid"}),
    ("Eichgrund Landtechnik", "eichgrund", "DE", "Machinery", L, 21_000, 15, 395, 335, 30, "Uelzen, Celle", {"course": "excellent", "erp": "DATEV"}),
)  # fmt: skip

_ELIF = _of(
    "elif.kaya",
    ("Anatol Ceramics", "anatolceramics", "TR", "Ceramics", E, 195_000, 148, 1150, 212, 90, "Eskişehir, Bilecik, Kütahya", {"erp": "Logo"}),
    ("Rheintal Maschinenbau", "rheintal", "DE", "Machinery", E, 238_000, 165, 1440, 455, 90, "Offenburg, Lahr, Colmar", {"course": "excellent"}),
    ("Boğaz Cargo", "bogazcargo", "TR", "Logistics", M, 86_000, 63, 720, 103, 60, "Ambarlı, Gebze, Mersin", {"course": "red_light", "erp": "Logo"}),
    ("Hallgrím Fisheries", "hallgrim", "IS", "Food", M, 64_000, 42, 580, 276, 60, "Akranes, Húsavík", {"erp": "Dynamics"}),
    ("Lisse Flower Auctions", "lisse-auctions", "NL", "Logistics", M, 77_000, 55, 148, 412, 60, "Lisse, Naaldwijk", {"course": "late_onboarding", "erp": "Exact"}),
    ("Marchetti Valvole", "marchetti", "IT", "Machinery", M, 69_000, 47, 910, 184, 60, "Lumezzane, Brescia", {"erp": "Zucchetti"}),
    ("Carrières de Saint-Aubin", "saint-aubin", "FR", "Ceramics", M, 52_000, 36, 1090, 369, 60, "Saint-Aubin, Dole", {"language": "fr", "erp": "Cegid"}),
    ("Östra Plåt", "ostraplat", "SE", "Steel", L, 26_000, 18, 520, 248, 30, "Västervik, Oskarshamn", {"course": "excellent", "erp": "Visma"}),
    ("Tuulia Paper", "tuulia", "FI", "Paper", L, 23_000, 16, 660, 521, 30, "Kemi, Oulu", {"erp": "Visma"}),
    ("Silva Vetro", "silvavetro", "IT", "Ceramics", L, 15_000, 11, 790, 131, 30, "Murano, Marghera", {"course": "silent", "erp": "Zucchetti"}),
    ("Dunmore Concrete", "dunmore", "IE", "Ceramics", L, 18_000, 13, 430, 294, 30, "Dundalk, Navan", {"erp": "Sage"}),
)  # fmt: skip

_CLAIRE = _of(
    "claire.moreau",
    ("Groupe Hospitalier Sainte-Odile", "ghso", "FR", "Health care", E, 276_000, 205, 1280, 349, 90, "Colmar, Sélestat, Guebwiller", {"course": "excellent", "language": "fr"}),
    ("Transports Urbains de Brévanne", "tub", "FR", "Public transport", E, 212_000, 150, 1060, 137, 90, "Dépôt des Forges, Dépôt Nord, Atelier central", {"course": "bumpy", "language": "fr"}),
    ("Hôtels Belvaux", "belvaux", "FR", "Hospitality", M, 94_000, 68, 940, 58, 60, "Annecy, Évian, Megève, Aix", {"course": "red_light", "language": "fr", "erp": "Cegid"}),
    ("Résidences Clairval", "clairval", "FR", "Health care", M, 58_000, 40, 171, 379, 60, "Angers, Saumur, Cholet", {"course": "late_onboarding", "language": "fr", "erp": "Sage"}),
    ("Ville de Montrésin", "montresin", "FR", "Public sector", M, 66_000, 47, 870, 219, 60, "Centre technique, Gymnase Jaurès, Piscine", {"language": "fr", "erp": "Ciril"}),
    ("Université d’Aubrac", "univ-aubrac", "FR", "Public sector", M, 72_000, 51, 1130, 429, 60, "Campus des Causses, Campus Nord", {"language": "fr"}),
    ("Lémanis Facility Services", "lemanis", "CH", "Facility services", M, 89_000, 64, 680, 265, 60, "Lausanne, Vevey, Nyon", {"language": "fr", "course": "excellent", "erp": "Abacus"}),
    ("Domaine skiable des Arpettes", "arpettes", "FR", "Hospitality", M, 55_000, 39, 750, 190, 60, "Les Arpettes, Col du Loup", {"language": "fr", "course": "bumpy", "erp": "Cegid"}),
    ("Clinique des Tilleuls", "tilleuls", "FR", "Health care", L, 19_000, 13, 600, 308, 30, "Chambéry", {"language": "fr", "erp": "Sage"}),
    ("Thermes de Valbrune", "valbrune", "FR", "Hospitality", L, 13_000, 9, 510, 160, 30, "Valbrune", {"language": "fr", "course": "quiet_fine", "erp": "Sage"}),
    ("Centre Aqualis", "aqualis", "FR", "Hospitality", L, 11_000, 8, 26, 331, 30, "Laval", {"language": "fr", "course": "new", "erp": "Sage"}),
    ("Théâtre de la Halle", "theatre-halle", "FR", "Public sector", L, 9_000, 6, 1000, 242, 30, "Grande salle", {"language": "fr", "course": "quiet_fine", "erp": "Sage"}),
)  # fmt: skip

_DAVID = _of(
    "david.okafor",
    ("Fenwick Regional Airports", "fenwick-airports", "GB", "Airports", E, 245_000, 170, 1320, 393, 90, "Carlisle, Teesside, Inverness", {"currency": "GBP"}),
    ("Stadtwerke Ellerbach", "stadtwerke-ellerbach", "DE", "Energy", E, 205_000, 142, 1510, 115, 90, "Ellerbach, Umspannwerk Süd, Klärwerk", {"course": "sliding_light"}),
    ("St. Brennan Hospitals", "stbrennan", "IE", "Health care", E, 188_000, 134, 890, 282, 90, "Cork, Limerick, Ennis"),
    ("Great Lakes Cold Storage", "greatlakescold", "US", "Logistics", M, 98_000, 71, 780, 344, 60, "Duluth, Toledo, Erie", {"currency": "USD", "erp": "NetSuite", "course": "excellent"}),
    ("Larkspur Hotels", "larkspur", "GB", "Hospitality", M, 73_000, 53, 650, 173, 60, "Bath, Harrogate, Whitby", {"course": "bumpy", "currency": "GBP", "erp": "Sage"}),
    ("Harbourline Ferries", "harbourline", "GB", "Shipbuilding", M, 81_000, 58, 990, 88, 60, "Portsmouth, Poole", {"course": "red_light", "erp": "Dynamics"}),
    ("Cascade Property Care", "cascadecare", "US", "Facility services", M, 64_000, 46, 133, 398, 60, "Tacoma, Spokane", {"course": "late_onboarding", "currency": "USD", "erp": "NetSuite"}),
    ("Botanica Leisure Parks", "botanica", "NL", "Hospitality", M, 61_000, 43, 570, 467, 60, "Arnhem, Zeewolde", {"erp": "Exact"}),
    ("Ashgrove Care Homes", "ashgrove", "GB", "Health care", L, 20_000, 15, 700, 152, 30, "Stroud, Hereford", {"erp": "Sage"}),
    ("Westbrook College", "westbrook", "GB", "Public sector", L, 14_000, 10, 33, 325, 30, "Swindon", {"course": "new", "currency": "GBP", "erp": "Sage"}),
    ("Wexcombe Museum Trust", "wexcombe", "GB", "Public sector", L, 10_000, 7, 620, 259, 30, "Marlborough", {"course": "quiet_fine", "erp": "Sage"}),
)  # fmt: skip

_CHURNED = (
    *_of("ben.adler", ("Velmont Distribution", "velmont", "FR", "Logistics", M, 78_000, 54, 1250, 0, 60, "Bourg-en-Bresse, Oyonnax", {"course": "lost", "language": "fr", "erp": "Sage", "churned": 96})),
    *_of("david.okafor", ("Castlemere Dairies", "castlemere", "GB", "Food", M, 69_000, 48, 1130, 0, 60, "Shepton, Frome", {"course": "lost", "erp": "Dynamics", "churned": 201})),
    *_of("elif.kaya", ("Rossmark Anlagenbau", "rossmark", "DE", "Machinery", L, 27_000, 19, 910, 0, 30, "Zwickau, Plauen", {"course": "lost_quietly", "erp": "DATEV", "churned": 314})),
)  # fmt: skip

COMPANIES = (*_ANA, *_BEN, *_ELIF, *_CLAIRE, *_DAVID, *_CHURNED)
BY_KEY = {company.key: company for company in COMPANIES}
