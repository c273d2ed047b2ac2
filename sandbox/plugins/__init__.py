"""Provider plugins `aws` and `kubernetes`: the door through which the real Pulumi engine reaches the account twin."""
