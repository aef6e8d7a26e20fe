"""Tenure: which customers need whom, now, and why?"""
