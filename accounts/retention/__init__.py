"""How much of the revenue that was there is still there: gross and net, by month, quarter and cohort."""
