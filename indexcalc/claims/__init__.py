"""Claims: whether two sides are the same tensor, where they differ, and the smallest edit."""
