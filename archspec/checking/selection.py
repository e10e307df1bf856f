"""Which warnings to look for, by codes and their beginnings."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.codes import all_rules
from archspec.diagnostics import Rule, UsageError, did_you_mean

EVERYTHING = "ALL"


class Selection:
    """The codes of the warnings to look for; errors are always looked for."""

    def __init__(
        self,
        select: Iterable[str] | None = None,
        extend_select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ):
        """select: codes or beginnings of codes, or `ALL`; None for all but the optional ones.

        Raises UsageError for a code that there is none of, or that cannot be ignored.
        """
        rules = all_rules()
        if select is None:
            codes = {rule.code for rule in rules.values() if not rule.optional}
        else:
            codes = {code for name in select for code in codes_of(name)}
        codes |= {code for name in extend_select for code in codes_of(name)}
        for name in ignore:
            ignored = codes_of(name)
            if all(rules[code].severity == "error" for code in ignored):
                raise UsageError(
                    f"`{name}` is an error, which cannot be ignored; a baseline can hold it back"
                )
            codes -= ignored
        self.codes = frozenset(c for c in codes if rules[c].severity != "error")

    def __call__(self, rule: Rule) -> bool:
        return rule.code in self.codes


def codes_of(name: str) -> set[str]:
    """The codes that begin so. Raises UsageError where none does."""
    rules = all_rules()
    wanted = name.strip().upper()
    found = set(rules) if wanted == EVERYTHING else {c for c in rules if c.startswith(wanted)}
    if not found or not wanted:
        hint = did_you_mean(wanted, rules) or "`archspec explain` lists them"
        raise UsageError(f"no code is called `{name}` or begins so: {hint}")
    return found
