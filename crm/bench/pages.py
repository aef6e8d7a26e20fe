"""The daily pages of a large book, and who opens them."""

from __future__ import annotations

from typing import NamedTuple

from crm.bench.book import ADMINISTRATOR, MANAGER, row_id

OWNER = 1  # the relationship manager of the first 300 accounts


class Page(NamedTuple):
    key: str
    user_id: int
    address: str


# Words that the made-up book has: names begin with syllables, tickets and talks with the words of ``crm.bench.work``.
PAGES = (
    Page("today", OWNER, "/"),
    Page("account", OWNER, f"/accounts/{row_id(7)}"),
    Page("accounts, mine", OWNER, "/accounts"),
    Page("accounts, all", OWNER, "/accounts?scope=all"),
    Page("accounts, all by score", OWNER, "/accounts?scope=all&sort=score"),
    Page("accounts, all by ARR", OWNER, "/accounts?scope=all&sort=-arr"),
    Page("accounts, all by pulse", OWNER, "/accounts?scope=all&sort=-pulse"),
    Page("accounts, by words", OWNER, "/accounts?scope=all&q=dumon"),
    Page("palette, nothing typed", OWNER, "/palette"),
    Page("palette, one letter", OWNER, "/palette?q=v"),
    Page("palette, a name", OWNER, "/palette?q=dumon"),
    Page("palette, a word of thousands", OWNER, "/palette?q=export"),
    Page("palette, nothing found", OWNER, "/palette?q=qqqq"),
    Page("search, two words", OWNER, "/search?q=scanner+pair"),
    Page("renewals, mine", OWNER, "/renewals"),
    Page("renewals, all", MANAGER, "/renewals?scope=all"),
    Page("renewals, all at any time", MANAGER, "/renewals?scope=all&when=all"),
    Page("renewals, all by amount", MANAGER, "/renewals?scope=all&when=all&sort=-expected"),
    Page("renewals, board of all", MANAGER, "/renewals/board?scope=all"),
    Page("renewals, board of mine", OWNER, "/renewals/board"),
    Page("renewals, changes of all", MANAGER, "/renewals/changes?scope=all"),
    Page("retention, mine", OWNER, "/retention"),
    Page("retention, all by month", MANAGER, "/retention?scope=all"),
    Page("retention, all by quarter", MANAGER, "/retention?scope=all&by=quarter"),
    Page("retention, all by cohort", MANAGER, "/retention?scope=all&by=cohort"),
    Page("retention, records of all", MANAGER, "/retention/records?scope=all"),
    Page("risks, all", MANAGER, "/risks?scope=all"),
    Page("risk review, all", MANAGER, "/risks?status=review"),
    Page("tasks, mine", OWNER, "/tasks"),
    Page("tasks, all", MANAGER, "/tasks?whose=all"),
    Page("pulse", MANAGER, "/pulse?scope=all"),
    Page("plays", MANAGER, "/plays"),
    Page("runs of a play", MANAGER, "/plays/1/runs"),
    Page("tickets", OWNER, "/tickets?scope=all"),
    Page("tickets without account", MANAGER, "/tickets/unmatched"),
    Page("contacts that may be one", ADMINISTRATOR, "/contacts/duplicates"),
    Page("health settings", ADMINISTRATOR, "/settings/health"),
)
