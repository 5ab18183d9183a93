"""The smallest edit that makes a claim true: candidates, a screen of values, the search."""
