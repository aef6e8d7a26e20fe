"""From a path to a contract that the viewer may read the money of; what they may not is not there."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends

from accounts.models import Account, Contract
from accounts.queries import get_account
from accounts.renewals.queries import RenewalRow, get_renewal
from accounts.rights import hands_on
from crm.errors import Forbidden, NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_
from crm.web.session import DbSession

NO_MONEY = N_("Amounts are not for your role; ask the account's owner or a manager.")


class Renewal(NamedTuple):
    contract: Contract
    account: Account
    row: RenewalRow


def renewal_in_scope(contract_id: int, session: DbSession, viewer: CurrentViewer) -> Renewal:
    contract = session.get(Contract, contract_id) if 0 < contract_id < 2**63 else None
    if contract is None:
        raise NotFound(N_("There is no such contract here."))
    account = get_account(session, viewer, contract.account_id)
    if not hands_on(session, viewer, account).may_read_money:
        raise Forbidden(NO_MONEY)
    return Renewal(contract, account, get_renewal(session, viewer, contract_id))


RenewalInScope = Annotated[Renewal, Depends(renewal_in_scope, scope="function")]
