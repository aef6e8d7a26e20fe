"""Working hours: when the company works, by weekday and zone, without holidays and days it is closed."""
