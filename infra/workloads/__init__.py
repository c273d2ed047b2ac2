"""What runs in the cluster: the namespace with its guardrails, and the services as their deploy.toml say."""
