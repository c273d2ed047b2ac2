"""What AWS calls things and how it keeps them, read alike from a plan and from an account: for rules and checks."""
