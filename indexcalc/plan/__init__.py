"""From the graph to a straight-line plan of array operations."""
