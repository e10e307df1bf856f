"""Trials: children of a search space are trained, and a strategy learns from what becomes of them."""

from .engines import make_engine
from .journal import Entry, Journal
from .plan import Plan
from .price import Price
from .problem import OfFunction, OfSpec
from .search import Search, problem_of

__all__ = [
    "Entry",
    "Journal",
    "OfFunction",
    "OfSpec",
    "Plan",
    "Price",
    "Search",
    "make_engine",
    "problem_of",
]
