"""What is drawn, as plain data: a graph of tensors, a model or a program, before any coordinate."""
