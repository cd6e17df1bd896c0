"""The fault rig: cities as processes, a network that breaks, and a checker of what remains."""
