"""Trials: children of a search space are trained, and a strategy learns from what becomes of them."""
