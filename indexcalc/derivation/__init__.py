"""Derivations by differentials, line by line, as a person writes them."""
