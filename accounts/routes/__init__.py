"""Pages of accounts, one noun a file."""

from fastapi import APIRouter

from accounts.routes import contacts, contracts, details, hands, listing, notes, show, tasks

router = APIRouter()
for _part in (listing, details, show, notes, tasks, contacts, contracts, hands):
    router.include_router(_part.router)

__all__ = ["router"]
