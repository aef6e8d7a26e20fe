"""What risks contribute."""

from accounts.events import ChampionBack, ChampionLeft
from accounts.risks.departures import close_risks, open_risks
from accounts.risks.panels import RISKS
from accounts.risks.routes import router
from crm.contracts import NavItem, Slice
from crm.text import N_

PART = Slice(
    name="accounts.risks",
    router=router,
    nav=(NavItem("risks", N_("Risks"), "risks.index", icon="alert-triangle", order=16),),
    account_panels=(RISKS,),
    handlers=((ChampionLeft, open_risks), (ChampionBack, close_risks)),
)
