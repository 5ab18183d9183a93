"""Passes from graph to graph: open names, make stable, shorten, share. None knows another stage."""
