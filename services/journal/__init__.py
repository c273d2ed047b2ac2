"""The journal: an ordered, durable log of records, kept by Kafka or by a file, and the chain that runs through it."""
