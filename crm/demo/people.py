"""The company that runs the demo's Tenure: Fettle, which sells software for maintenance and inspections."""

from __future__ import annotations

from dataclasses import dataclass

from crm.viewer import Role

DOMAIN = "fettle.example"
INDUSTRY, SERVICES, SUPPORT, SALES = "Industry and transport", "Services and public", "Support", "Sales"
TEAMS = (INDUSTRY, SERVICES, SUPPORT, SALES)


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    role: Role
    team: str | None
    enters: bool = False  # the one whom the demo's button for this role lets in
    language: str = "en"

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


_R = Role

PEOPLE = (
    Person("ana.ruiz", "Ana Ruiz", _R.RELATIONSHIP_MANAGER, INDUSTRY, enters=True),
    Person("ben.adler", "Ben Adler", _R.RELATIONSHIP_MANAGER, INDUSTRY),
    Person("elif.kaya", "Elif Kaya", _R.RELATIONSHIP_MANAGER, INDUSTRY),
    Person("claire.moreau", "Claire Moreau", _R.RELATIONSHIP_MANAGER, SERVICES, language="fr"),
    Person("david.okafor", "David Okafor", _R.RELATIONSHIP_MANAGER, SERVICES),
    Person("tom.becker", "Tom Becker", _R.IMPLEMENTATION_SPECIALIST, INDUSTRY, enters=True),
    Person("sofia.rossi", "Sofia Rossi", _R.IMPLEMENTATION_SPECIALIST, SERVICES),
    Person("mia.lindqvist", "Mia Lindqvist", _R.MANAGER, INDUSTRY, enters=True),
    Person("helene.caron", "Hélène Caron", _R.EXECUTIVE, None, enters=True),
    Person("jonas.weber", "Jonas Weber", _R.SUPPORT_AGENT, SUPPORT, enters=True),
    Person("priya.nair", "Priya Nair", _R.SUPPORT_AGENT, SUPPORT),
    Person("marc.dubois", "Marc Dubois", _R.SALES_REPRESENTATIVE, SALES, enters=True),
    Person("nadia.farkas", "Nadia Farkas", _R.ADMINISTRATOR, None, enters=True),
)


def specialist(language: str) -> str:
    """Who brings a customer of that language on board."""
    return "sofia.rossi" if language == "fr" else "tom.becker"


# Who answers tickets; the first two sign in to Tenure as well.
AGENTS = ("Jonas Weber", "Priya Nair", "Matteo Grassi", "Hanna Kivi")
AGENTS_FR = ("Lucie Perrin", "Priya Nair", "Antoine Garnier")
EXPERTS = ("Rasmus Holt", "Yasmin Haddad")  # product support, to whom tickets are escalated
SYSTEM = "Zendesk"  # closes what nobody reopened
FIRST_LINE, PRODUCT_SUPPORT, INTEGRATIONS = "First line", "Product support", "Integrations"
