"""Who is asking: users, their passwords, and their sessions, in the schema `gateway`."""
