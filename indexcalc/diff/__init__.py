"""Derivatives: graphs to graphs, in forward mode, in reverse mode, and seeded between them."""
