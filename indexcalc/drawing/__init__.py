"""Pictures of contraction graphs."""
