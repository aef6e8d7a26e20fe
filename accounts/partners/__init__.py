"""Domains of partners (resellers, agencies) who write for several accounts: an address there names no account."""
