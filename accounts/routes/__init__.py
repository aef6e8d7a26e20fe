"""Pages of accounts, one noun a file."""

from fastapi import APIRouter

from accounts.routes import contacts, contracts, details, hands, listing, notes, show

router = APIRouter()
for _part in (listing, details, show, notes, contacts, contracts, hands):
    router.include_router(_part.router)

__all__ = ["router"]
