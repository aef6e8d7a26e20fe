"""Live intake: tickets, their events and talks by the API, and helpdesks' signed webhooks."""
