"""The core beside the plain model, under random commands that steer into every rule; differences are minimised."""
