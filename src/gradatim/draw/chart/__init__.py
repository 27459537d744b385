"""Charts of what was measured and what was learned."""
