"""A program as text: names for its values, and NumPy source."""
