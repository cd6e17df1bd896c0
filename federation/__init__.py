"""What a community does, here and across the wire."""
