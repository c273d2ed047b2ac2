"""The Pulumi program: what AWS and Kubernetes must hold for a licensed exchange."""
