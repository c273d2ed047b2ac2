"""Incidents: what happened is noticed, dated and reported in time."""
