"""Formulas without indices: from a node to products of matrices, or to vec and Kronecker."""
