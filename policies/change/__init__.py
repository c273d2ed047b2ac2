"""Changes of the key technical set-up: what two plans differ in, which component that is, and who has to be told."""
