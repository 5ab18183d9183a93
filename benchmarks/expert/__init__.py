"""What an expert writes by hand: the derivative worked out on paper, then the fastest NumPy for it.

In: the arrays of a problem, by name. Out: the arrays of one task. Nothing here is generated, and
nothing is shared with the compiler: this is what it is measured against.
"""

from benchmarks.expert import losses, networks, tensors

__all__ = ["losses", "networks", "tensors"]
