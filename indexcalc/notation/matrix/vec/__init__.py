"""Matrices between stacked tensors: Kronecker products, diagonals, commutation matrices."""
