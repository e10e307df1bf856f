"""Makes `arxiv.npz` from the wheel of nas-bench-graph: `python -m tests.search.tables.convert WHEEL`.

The package carries its table as a pickle. It is read here once, with nothing allowed in it but numpy's
scalars, and written as plain arrays over the whole space: nine ways to link four operations, and nine
operations at each place. Architectures that compute the same share a row of the package's table, and
so have the same numbers here. Where there is no row (four skips in line), all numbers are 0.
"""

from __future__ import annotations

import io
import itertools
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
COLUMNS = {"valid_perf": "valid", "perf": "test", "para": "params", "latency": "latency"}


class Plain(pickle.Unpickler):
    """Reads dicts, numbers and numpy's scalars; refuses whatever else would be called."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("numpy.core.multiarray", "scalar"):
            return np.dtype(np.float64).type(0).__reduce__()[0]
        if (module, name) == ("numpy", "dtype"):
            return np.dtype
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a table")


def main(wheel: str, name: str = "arxiv") -> None:
    with zipfile.ZipFile(wheel) as files:
        table = Plain(io.BytesIO(files.read(f"nas_bench_graph/light/{name}.bench"))).load()
    sys.path.insert(0, wheel)
    from nas_bench_graph.architecture import Arch, gnn_list, link_list  # type: ignore

    shape = (len(link_list), *[len(gnn_list)] * 4)
    arrays = {new: np.zeros(shape, np.float32) for new in COLUMNS.values()}
    missing = 0
    for at in itertools.product(*map(range, shape)):
        ops = [gnn_list[n] for n in at[1:]]
        row = table.get(Arch(list(link_list[at[0]]), ops).valid_hash())
        missing += row is None
        for old, new in COLUMNS.items():
            arrays[new][at] = row[old] if row else 0
    np.savez_compressed(
        HERE / f"{name}.npz",
        links=np.array(["".join(map(str, link)) for link in link_list]),
        ops=np.array(gnn_list),
        **arrays,
    )
    print(f"{len(table)} rows, {missing} of {arrays['valid'].size} without one")


if __name__ == "__main__":
    main(*sys.argv[1:])
