"""The use-cases: one file per noun, one function per verb."""
