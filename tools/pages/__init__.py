"""Pages of docs/compliance that are drawn from production's plan: `python -m tools.pages --write`."""
