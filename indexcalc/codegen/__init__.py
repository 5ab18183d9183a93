"""From a plan to NumPy source, and to functions that run it."""
