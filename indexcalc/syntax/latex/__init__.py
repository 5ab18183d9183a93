"""LaTeX in: the same trees as a text gives."""
