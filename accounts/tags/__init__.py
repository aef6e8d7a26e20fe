"""Tags of accounts."""
