"""What comes from other servers: a decoded activity, resolved, then the same act."""
