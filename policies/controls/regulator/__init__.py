"""Regulator: what the authority sees, and what it is sent."""
