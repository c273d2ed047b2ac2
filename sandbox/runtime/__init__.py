"""The real programs that the exchange stands on, run on a laptop: Kafka, PostgreSQL and their supervisor."""
