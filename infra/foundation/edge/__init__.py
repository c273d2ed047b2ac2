"""The way in from the Internet: its name, its firewall and its load balancer."""
