"""Service policies: which targets hold for a ticket, by its account's tier and its channel, from a day on."""
