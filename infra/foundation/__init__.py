"""The AWS foundation, one component a file, and what it hands to the workloads."""
