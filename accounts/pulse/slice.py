"""What the pulse contributes."""

from accounts.pulse.columns import COLUMNS
from accounts.pulse.health import FEATURES, MEASURE
from accounts.pulse.panels import PULSE, PULSE_FACT
from accounts.pulse.routes import router
from crm.contracts import Slice

PART = Slice(
    name="accounts.pulse",
    router=router,
    account_panels=(PULSE,),
    account_facts=(PULSE_FACT,),
    account_columns=COLUMNS,
    feature_sets=(FEATURES,),
    measures=(MEASURE,),
)
