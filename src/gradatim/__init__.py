"""gradatim: backpropagation step by step."""
