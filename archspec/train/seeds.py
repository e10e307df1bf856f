"""Seeds: the randomness of each step follows from the run's seed and the number of the step."""

from __future__ import annotations

from hashlib import blake2b


def seed_of(*parts: int | str) -> int:
    """A number of 63 bits that depends on the parts alone, in every process and on every machine.

    Whatever draws in step 120 draws the same whether the run was interrupted before it or not.
    """
    text = "\0".join(f"{type(part).__name__}{part}" for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
