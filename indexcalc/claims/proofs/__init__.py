"""Proofs: two formulas by one normal form, or a difference that is zero."""
