"""The web edge: sessions, forms, pages, errors, security headers and assets. Knows no slice."""
