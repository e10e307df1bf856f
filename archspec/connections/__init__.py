"""The ways to connect nodes: one file per kind, its written form and its expansion together."""

from .branches import Branches
from .building import Builder, Env, Scope, register
from .choice import Choice, Decisions, OpenReference, OpenValue, Optional, Options, is_open
from .dense import Dense
from .node import (
    COMMON_KEYS,
    Argument,
    Block,
    Broken,
    Call,
    Common,
    Connection,
    Node,
    Reference,
)
from .repeat import For, Loop, Repeat
from .sequence import Item, Sequence
from .skip import Skip, keeps
from .tree import UNKNOWN, Module, Origin, Value, Waiting

CONNECTIONS: tuple[type[Connection], ...] = (
    Dense,
    Skip,
    Branches,
    For,
    Repeat,
    Choice,
    Optional,
)
"""Every kind of connection, the more specific first: `dense:` has a `repeat:` of its own."""

__all__ = [
    "COMMON_KEYS",
    "CONNECTIONS",
    "UNKNOWN",
    "Argument",
    "Block",
    "Branches",
    "Broken",
    "Builder",
    "Call",
    "Choice",
    "Common",
    "Connection",
    "Decisions",
    "Dense",
    "Env",
    "For",
    "Item",
    "Loop",
    "Module",
    "Node",
    "OpenReference",
    "OpenValue",
    "Optional",
    "Options",
    "Origin",
    "Reference",
    "Repeat",
    "Scope",
    "Sequence",
    "Skip",
    "Value",
    "Waiting",
    "is_open",
    "keeps",
    "register",
]
