"""Trials: both sides at random points, with bounds for their rounding errors."""
