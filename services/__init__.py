"""The reference exchange: each service with its own Dockerfile and deploy.toml."""
