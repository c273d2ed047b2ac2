"""Logs: recorded everywhere, kept unchanged, and long enough."""
