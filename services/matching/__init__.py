"""The matching shard: sequences commands, journals them, applies them to the core, and only then answers."""
