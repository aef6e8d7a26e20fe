"""Support history: tickets with their events, SLA clocks, importers, and what they tell about health."""
