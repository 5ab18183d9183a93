"""The graph of whole tensors: nodes, builders, functions, walks."""
