"""What is seen of the running exchange: metrics, alerts on them, alarms on AWS's own, a dashboard."""
