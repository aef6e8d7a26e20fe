"""Measuring: a made-up book of any size, the daily pages asked of it, and beside each figure its floor."""
