"""The version of the package, written down here and nowhere else.

In: nothing. Out: a string; the build reads it from this file.

>>> __version__.count(".")
2
"""

__version__ = "0.1.0"
