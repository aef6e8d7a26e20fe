"""What this company keeps in its own words: own fields, tags, views of the list."""

from __future__ import annotations

from accounts.models import AccountTag, OwnField, OwnFieldKind, OwnValue, Tag, Tier
from accounts.names import fold
from accounts.own.reading import Read
from accounts.views.models import SavedView, ViewDefault
from crm.db import table_of
from crm.demo.companies import COMPANIES, Company
from crm.demo.history import History
from crm.demo.making.companies import LIVE_AFTER
from crm.demo.making.writing import Writing
from crm.demo.when import dice
from crm.ids import new_id
from crm.viewer import Role

_K = OwnFieldKind
_FIELDS: dict[str, tuple[str, OwnFieldKind, list[str]]] = {
    "contract_language": ("Contract language", _K.CHOICE, ["English", "French", "German"]),
    "deployment": ("Deployment", _K.CHOICE, ["Cloud EU", "Cloud US", "On premises"]),
    "plants": ("Plants", _K.NUMBER, []),
    "training_budget": ("Training budget", _K.MONEY, []),
    "reference": ("Reference customer", _K.YES_NO, []),
    "go_live_planned": ("Go-live planned", _K.DATE, []),
}
_ON_REPORT = ("deployment", "plants")


def write_own_fields(w: Writing) -> None:
    ids = {key: new_id() for key in _FIELDS}
    w.put(
        OwnField,
        (
            {
                "id": ids[key],
                "key": key,
                "title": title,
                "kind": kind,
                "choices": choices,
                "position": place,
                "on_page": True,
                "on_list": True,
                "on_report": key in _ON_REPORT,
                "hidden": False,
            }
            for place, (key, (title, kind, choices)) in enumerate(_FIELDS.items(), start=1)
        ),
    )
    values = []
    for company in COMPANIES:
        for key, read in _own_values(company, w.history).items():
            values.append(
                {
                    "account_id": w.accounts[company.key],
                    "field_id": ids[key],
                    "text": read.text,
                    "number": read.number,
                    "amount_minor": read.amount_minor,
                    "currency": read.currency,
                    "day": read.day,
                }
            )
    w.put(OwnValue, values)


def _own_values(company: Company, history: History) -> dict[str, Read]:
    rng = dice("own", company.key)
    language = "French" if company.language == "fr" else "German" if company.country in ("DE", "AT") else "English"
    cloud = "Cloud US" if company.country == "US" else "Cloud EU"
    deployment = "On premises" if company.tier is Tier.ENTERPRISE and rng.random() < 0.35 else cloud
    values = {
        "contract_language": Read(language),
        "deployment": Read(deployment),
        "plants": Read(str(len(company.sites)), number=float(len(company.sites))),
    }
    if company.course == "late_onboarding":
        planned = history.book.workday(company.since - LIVE_AFTER - 10)
        values["go_live_planned"] = Read(planned.isoformat(), day=planned)
    budget = dice("training", company.key)
    if company.tier is not Tier.LOW_TOUCH and budget.random() < 0.7:
        amount = 500 * round(company.arr * budget.uniform(0.01, 0.04) / 500) or 500
        values["training_budget"] = Read(str(amount), amount_minor=100 * amount, currency=company.currency)
    if company.tier is Tier.ENTERPRISE:
        agreed = company.course == "steady" and company.key != "halden"
        values["reference"] = Read("yes", number=1.0) if agreed else Read("no", number=0.0)
    return values


# --- tags ------------------------------------------------------------------------------------------------------------


def _tags(company: Company) -> list[str]:
    found = ["multi-site"] if len(company.sites) >= 3 else []
    if company.erp == "SAP":
        found.append("SAP")
    if company.key == "halden":
        found.append("steering committee")
    if dice("tags", company.key).random() < 0.15:
        found.append("beta programme")
    return found


def write_tags(w: Writing) -> None:
    by_company = {company.key: _tags(company) for company in COMPANIES}
    names = sorted({name for tags in by_company.values() for name in tags})
    ids = {name: new_id() for name in names}
    w.put(
        Tag,
        ({"id": ids[name], "name": name, "name_folded": fold(name), "created_at": w.book.now} for name in names),
    )
    pairs = [{"account_id": w.accounts[key], "tag_id": ids[name]} for key, tags in by_company.items() for name in tags]
    w.session.execute(table_of(AccountTag).insert(), pairs)


# --- views -----------------------------------------------------------------------------------------------------------

_VIEWS = (
    # title, whose, shared, query, roles that begin with it
    (
        "Red and amber, by money",
        "mia.lindqvist",
        True,
        "scope=team&band=red&band=amber&sort=-arr&columns=score,why,arr,decides,owner,next",
        (),
    ),
    ("Deciding this quarter", "mia.lindqvist", True, "scope=team&decides=quarter&sort=decides", ()),
    (
        "Several plants",
        "ana.ruiz",
        False,
        "scope=mine&own.plants=%3E2&sort=-own.plants&columns=score,own.plants,own.deployment,own.training_budget,tags,next",
        (),
    ),
    ("Under way", "tom.becker", True, "scope=all&stage=onboarding&columns=score,why,owner,stage,next",
     (Role.IMPLEMENTATION_SPECIALIST,)),
)  # fmt: skip


def write_views(w: Writing) -> None:
    for title, owner, shared, query, roles in _VIEWS:
        view_id = new_id()
        w.put(
            SavedView,
            [
                {
                    "id": view_id,
                    "list_key": "accounts",
                    "title": title,
                    "query": query,
                    "owner_id": w.user(owner),
                    "shared": shared,
                    "created_at": w.book.now,
                    "closed_at": None,
                }
            ],
        )
        w.put(
            ViewDefault,
            [{"list_key": "accounts", "view_id": view_id, "user_id": None, "role": role} for role in roles],
        )
