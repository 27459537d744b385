"""Pictures: a digit in a terminal, the curves of a run."""
