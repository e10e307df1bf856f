"""`python -m tests.fuzz.specs FOLDER [libFuzzer options]`: fuzz with atheris until it is stopped.

Needs `pip install atheris`. FOLDER keeps what reached new code. The first inputs are the examples of
all codes and the small shipped specs; mutations know the words of the language. A run stops at the
first fault: a traceback, more than 2 s, or more than 500 MB.
"""

from __future__ import annotations

import faulthandler
import random
import re
import sys
import tempfile
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["archspec"]):  # what is imported here is watched
    import archspec.api
    import archspec.backends.torch.source  # noqa: F401
    import archspec.drawing.formats.dot  # noqa: F401
    import archspec.drawing.formats.json  # noqa: F401
    import archspec.drawing.layout.spine  # noqa: F401
    import archspec.drawing.paint.page  # noqa: F401
    import archspec.drawing.scene.insets  # noqa: F401
    import archspec.expand.resolved  # noqa: F401
    import archspec.lint  # noqa: F401
    import archspec.reports.text  # noqa: F401

    archspec.api.load_str("archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n")  # the ops come late

from archspec.codes import all_rules
from archspec.expand.files import packaged
from archspec.ops import catalogue
from tests.fuzz import target

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 2
_TOKEN = re.compile(r"\s+|[\w.]+|\W")


def seeds() -> list[str]:
    """Where mutation begins."""
    texts = [text for rule in all_rules().values() for text in (rule.wrong, rule.right)]
    texts += [path.read_text() for path in packaged().values() if path.stat().st_size < 1_200]
    texts += [path.read_text() for path in sorted(CORPUS.glob("*.yaml"))]
    return list(dict.fromkeys(texts))


def words() -> list[str]:
    """The words of the language, and values that tend to break something."""
    found = set(catalogue())
    for op in catalogue().values():
        found |= op.fields().keys()
    found |= set((Path(__file__).parent / "words.txt").read_text().split())
    found |= {
        "extends: base.yaml",
        "import: {blocks.yaml: [unit]}",
        "archspec:residual",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        ": ",
        "- ",
    }
    return sorted(found)


SEEDS = seeds()
WORDS = words()


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change words, swap lines with another spec, or let libFuzzer change bytes."""
    chance = random.Random(seed)
    if chance.random() < 0.2:
        return bytes(atheris.Mutate(data, size))
    text = data.decode("utf-8", "replace")
    if not text.strip() or chance.random() < 0.02:
        text = chance.choice(SEEDS)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if chance.random() < 0.3:
            lines, others = text.split("\n"), chance.choice(SEEDS).split("\n")
            at, there = chance.randrange(len(lines) + 1), chance.randrange(len(others))
            lines[at : at + chance.choice((0, 1, 2))] = others[
                there : there + chance.choice((1, 1, 3))
            ]
            text = "\n".join(lines)
        else:
            tokens = _TOKEN.findall(text)
            at = chance.randrange(len(tokens) + 1)
            new = chance.choice(WORDS) if chance.random() < 0.6 else chance.choice(tokens or [""])
            tokens[at : at + chance.choice((0, 1, 1, 3))] = [new]
            text = "".join(tokens)
    return text.encode("utf-8", "replace")[:size]


def main() -> None:
    """Fuzz."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(SEEDS):
        (folder / f"seed{number:04}").write_text(text)
    options = [sys.argv[0], str(folder), "-timeout=20", "-rss_limit_mb=500", "-max_len=4096"]
    root = Path(tempfile.mkdtemp())
    path = target.project(root)
    target.watch(root)
    print(f"the text at hand is {path}", flush=True)

    def one(data: bytes) -> None:
        faulthandler.dump_traceback_later(15, exit=True)  # it may have to share a core
        start = time.process_time()
        target.check(data.decode("utf-8", "replace"), path)
        assert time.process_time() - start < SECONDS, "it took too long"
        faulthandler.cancel_dump_traceback_later()

    atheris.Setup([*options, *sys.argv[2:]], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
