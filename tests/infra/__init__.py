"""The Pulumi program and its plans: golden, ruled, refused."""
