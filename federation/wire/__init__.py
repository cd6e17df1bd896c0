"""Documents as types, and builders; pure."""
