"""How much a customer uses what they bought: a figure a day and metric, as the product tells it."""
