"""Results that stay factored: what is multiplied, contracted and solved without the dense array."""
