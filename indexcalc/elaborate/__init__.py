"""Syntax trees → symbols, terms with every sum written out, nodes of the graph."""
