"""Health you can check: models, measures, ledger, bands, snapshots. Knows no measure by name."""
