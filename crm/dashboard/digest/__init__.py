"""The ranked day by mail: at an hour of the person, on the days they choose."""
