"""Names: which ones a child may have."""

from __future__ import annotations

import keyword
import re
from functools import lru_cache

from archspec.codes.spec import BAD_NAME
from archspec.diagnostics import Span

MODULE_ATTRIBUTES = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "archspec",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "input",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "self",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
        "_apply",
        "_backward_hooks",
        "_backward_pre_hooks",
        "_buffers",
        "_call_impl",
        "_compiled_call_impl",
        "_forward_hooks",
        "_forward_hooks_always_called",
        "_forward_hooks_with_kwargs",
        "_forward_pre_hooks",
        "_forward_pre_hooks_with_kwargs",
        "_get_backward_hooks",
        "_get_backward_pre_hooks",
        "_get_name",
        "_is_full_backward_hook",
        "_load_from_state_dict",
        "_load_state_dict_post_hooks",
        "_load_state_dict_pre_hooks",
        "_maybe_warn_non_full_backward_hook",
        "_modules",
        "_named_members",
        "_non_persistent_buffers_set",
        "_parameters",
        "_register_load_state_dict_pre_hook",
        "_register_state_dict_hook",
        "_replicate_for_data_parallel",
        "_save_to_state_dict",
        "_slow_forward",
        "_state_dict_hooks",
        "_state_dict_pre_hooks",
        "_version",
        "_wrapped_call_impl",
    ]
)
"""What an nn.Module (torch 2.6 to 2.13) has itself, and the words that the language keeps."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Hyphens are in RegNet's checkpoints: `block1-0`."""


@lru_cache(4096)
def _is_good(name: str) -> bool:
    """Whether a child can be called so."""
    if name.isascii() and name.isdecimal():
        return True
    taken = keyword.iskeyword(name) or name in MODULE_ATTRIBUTES or name.startswith("__")
    return not taken and _NAME.fullmatch(name) is not None


def check_name(name: str, span: Span) -> None:
    """Refuse a name that the compiled model could not have."""
    if len(name) <= 64 and _is_good(name):  # no longer ones are kept
        return
    if name.isascii() and name.isdecimal():
        return
    if keyword.iskeyword(name):
        raise BAD_NAME.error(
            span, f"`{name}` is a word of Python, and no attribute", help=f"call it `{name}_`"
        )
    if name in MODULE_ATTRIBUTES or name.startswith("__"):
        raise BAD_NAME.error(
            span, f"`{name}` is a name that a module uses itself", help=f"call it `{name}_`"
        )
    if not _NAME.fullmatch(name):
        raise BAD_NAME.error(
            span,
            f"`{name}` is no name for a child" + (": a dot separates paths" if "." in name else ""),
            help="letters, digits, `_` and `-` make one" + _nearest(name),
        )


def check_readable(name: str, span: Span) -> None:
    """Refuse a name that no expression could read."""
    if not (name.isascii() and name.isidentifier()):
        raise BAD_NAME.error(
            span,
            f"`{name}` is no name that an expression can read",
            help="letters, digits and `_` make one" + _nearest(name),
        )


def _nearest(name: str) -> str:
    """The name that is left of a text, for the end of a sentence; nothing where none is."""
    better = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    better = better if better[:1].isalpha() or better[:1] == "_" else f"_{better}"
    return f": `{better}`" if better.strip("_") else ""
