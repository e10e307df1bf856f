"""Facts about a graph, each a pure function: cost, reach, contracts."""

from .contracts import check_contracts, check_requirements
from .cost import Cost, cost
from .reach import depth, receptive_field

__all__ = ["Cost", "check_contracts", "check_requirements", "cost", "depth", "receptive_field"]
