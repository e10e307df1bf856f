"""Dimensions: a number, or a polynomial in the sizes left free until run time.

`height`, `2*height + 1` and `(height - 1)//2 + 1` are `Dim`s. They are kept in one normal form, so
that two ways of computing the same size compare equal: that is how a residual add is checked when
the image size is free.
"""

from __future__ import annotations

from typing import TypeAlias

# A monomial is a sorted tuple of atoms; an atom is a name or a floor division.
_Atom: TypeAlias = "str | _Floor"
_Terms: TypeAlias = "dict[tuple[_Atom, ...], int]"

MAX_SIZE = 2**53
MAX_AXES = 64
_MAX_TERMS = 64
_MAX_DEGREE = 16
_MAX_FLOORS = 16


class _Floor:
    """`dividend // divisor` where the division does not come out even by its coefficients."""

    __slots__ = ("_hash", "_text", "dividend", "divisor", "floors")

    def __init__(self, dividend: Dim, divisor: int):
        self.floors: int = 1 + dividend.floors  # inside each other
        self.dividend = dividend
        self.divisor = divisor
        self._hash = hash((dividend, divisor))
        text = str(dividend)
        self._text = f"{text}//{divisor}" if text.isidentifier() else f"({text})//{divisor}"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Floor)
            and self.divisor == other.divisor
            and self.dividend == other.dividend
        )

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self._text


def _order(monomial: tuple[_Atom, ...]) -> tuple[int, tuple[str, ...]]:
    return (-len(monomial), tuple(str(atom) for atom in monomial))


class Dim:
    """A size that depends on the input, as a polynomial with integer coefficients."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: tuple[tuple[tuple[_Atom, ...], int], ...]):
        self.terms = terms
        self._hash = hash(terms)

    @staticmethod
    def free(name: str) -> Dim:
        """The free size called `name`."""
        return Dim((((name,), 1),))

    @property
    def floors(self) -> int:
        """How many floor divisions stand inside each other."""
        return max(
            (a.floors for monomial, _f in self.terms for a in monomial if isinstance(a, _Floor)),
            default=0,
        )

    @property
    def is_large(self) -> bool:
        """Whether the polynomial is too large to work with."""
        return (
            len(self.terms) > _MAX_TERMS
            or self.floors > _MAX_FLOORS
            or any(len(m) > _MAX_DEGREE or abs(factor) > MAX_SIZE for m, factor in self.terms)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: int | Dim) -> int | Dim:
        terms = dict(self.terms)
        for monomial, factor in _terms(other).items():
            terms[monomial] = terms.get(monomial, 0) + factor
        return _normal(terms)

    __radd__ = __add__

    def __neg__(self) -> int | Dim:
        return self * -1

    def __sub__(self, other: int | Dim) -> int | Dim:
        return self + (-other)

    def __rsub__(self, other: int | Dim) -> int | Dim:
        return (-self) + other

    def __mul__(self, other: int | Dim) -> int | Dim:
        terms: _Terms = {}
        for left, a in self.terms:
            for right, b in _terms(other).items():
                monomial = tuple(sorted((*left, *right), key=str))
                terms[monomial] = terms.get(monomial, 0) + a * b
        return _normal(terms)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> int | Dim:
        """Floor division by a positive number, taken apart as far as it is exact."""
        if divisor == 1:
            return self
        whole: _Terms = {}
        rest: _Terms = {}
        for monomial, factor in self.terms:
            if monomial == ():
                quotient, remainder = divmod(factor, divisor)
                whole[()], rest[()] = quotient, remainder
            elif factor % divisor == 0:
                whole[monomial] = factor // divisor
            else:
                rest[monomial] = factor
        inner = _normal(rest)
        if isinstance(inner, int):
            return _normal(whole) + inner // divisor
        if len(inner.terms) == 1 and len(inner.terms[0][0]) == 1 and inner.terms[0][1] == 1:
            atom = inner.terms[0][0][0]
            if isinstance(atom, _Floor):  # (x // a) // b == x // (a * b)
                return _normal(whole) + atom.dividend // (atom.divisor * divisor)
        return _normal(whole) + Dim((((_Floor(inner, divisor),), 1),))

    def at(self, sizes: dict[str, int]) -> int:
        """The number that this size is when the free sizes have these values."""
        total = 0
        for monomial, factor in self.terms:
            for atom in monomial:
                if isinstance(atom, _Floor):
                    factor *= atom.dividend.at(sizes) // atom.divisor
                else:
                    factor *= sizes[atom]
            total += factor
        return total

    def __str__(self) -> str:
        text = ""
        for monomial, factor in sorted(self.terms, key=lambda term: _order(term[0])):
            alone = len(monomial) == 1 and abs(factor) == 1
            body = "*".join(
                str(atom) if alone or not isinstance(atom, _Floor) else f"({atom})"
                for atom in monomial
            )
            if not body:
                piece = str(abs(factor))
            elif abs(factor) == 1:
                piece = body
            else:
                piece = f"{abs(factor)}*{body}"
            sign = "-" if factor < 0 else "+"
            text = f"{text} {sign} {piece}" if text else (f"-{piece}" if factor < 0 else piece)
        return text

    def __repr__(self) -> str:
        return f"Dim({self})"


def _terms(value: int | Dim) -> _Terms:
    return {(): value} if isinstance(value, int) else dict(value.terms)


def _normal(terms: _Terms) -> int | Dim:
    kept = {monomial: factor for monomial, factor in terms.items() if factor}
    if not kept:
        return 0
    if set(kept) == {()}:
        return kept[()]
    return Dim(tuple(sorted(kept.items(), key=lambda term: _order(term[0]))))


Shape: TypeAlias = tuple[int | Dim, ...]


def too_large(shape: Shape) -> str | None:
    """What of a shape is beyond what archspec works with; None where nothing is."""
    if len(shape) > MAX_AXES:
        return f"{len(shape):,} axes, and tensors have at most {MAX_AXES}"
    for dim in shape:
        if dim.is_large if isinstance(dim, Dim) else dim > MAX_SIZE:
            return "a size beyond 2**53, or one of too many terms"
    return None


def show_shape(shape: Shape) -> str:
    """A shape as people write it: `256 x 14 x 14`."""

    def size(dim: int | Dim) -> str:
        text = str(dim)
        return f"({text})" if " " in text or "//" in text else text

    return " x ".join(size(d) for d in shape) if shape else "scalar"
