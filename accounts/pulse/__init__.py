"""The owner's own red, amber or green: said in a sentence, stale after a month, and judged afterwards."""
