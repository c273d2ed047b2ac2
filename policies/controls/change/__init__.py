"""Change: what runs is what was released, and nothing else gets in."""
