"""Bring my accounts: a spreadsheet becomes accounts or contacts, row by row, and is harmless to bring again."""
