"""Finding the space of an open spec: by building the network with every option of every decision.

Nothing is said twice: what can be decided is what the expansion asks for. The spec is expanded as it
is where nobody chooses, then with other options; options of decisions that do not touch each other
are tried together, and apart where that fails or asks for other decisions. Decisions that are asked
for under some options only exist under these (`Decision.when`); at last, children chosen at random
are held to what was found.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from archspec.codes.expressions import UNKNOWN_FUNCTION, UNKNOWN_NAME
from archspec.codes.spaces import DEAD_OPTION, NO_CHILD, TANGLED, TOO_OPEN, UNREACHABLE
from archspec.codes.spec import UNKNOWN_OP
from archspec.connections import Decisions
from archspec.connections.choice import Asked
from archspec.diagnostics import (
    Diagnostic,
    Findings,
    Label,
    Span,
    SpecError,
    counted,
)
from archspec.expand import Program, expand
from archspec.expand.deciding import MAX_DECISIONS, written_choices
from archspec.expand.scoping import MAX_NODES
from archspec.expressions.values import written

from .independence import always_the_same
from .space import Answer, Decision, Space
from .spec_space import ACCEPTED, SpecSpace, drawn

MAX_EXPANSIONS = 20_000
SAMPLES = 32
"""Children chosen at random that are held to what was found."""
TRIES = 16
"""Surroundings in which an option is tried before it is called dead."""
_ENOUGH = 4 * TRIES
"""Children after which no more options are tried, where one is dead already."""
_AS_WRITTEN = {rule.code for rule in (UNKNOWN_NAME, UNKNOWN_FUNCTION, UNKNOWN_OP)}
"""What is wrong in an option wherever it is chosen."""
_REPAIRS = 64
_COMBINATIONS = 256

Term = tuple[tuple[str, int], ...]


def find_space(
    program: Program, params: Mapping[str, Any] | None = None, limit: int | None = None
) -> SpecSpace:
    """The space of a program. Raises SpecError with everything that is wrong in it."""
    return _Finder(program, dict(params or {}), limit or MAX_NODES).find()


@dataclass
class _Built:
    """One expansion: what was asked for, and why there is no network, where there is none."""

    answers: dict[str, Answer]
    asked: dict[str, Asked]
    error: SpecError | None = None


@dataclass
class _Known:
    """A decision as far as it is known.

    home: answers under which it was first asked for.
    """

    asked: Asked
    home: dict[str, Answer]
    terms: list[Term] = field(default_factory=list)

    @property
    def others(self) -> list[Answer]:
        """The answers beside the default; of a range of floats its ends."""
        if self.asked.options:
            return [n for n in range(len(self.asked.options)) if n != self.asked.default]
        return [self.asked.low, self.asked.high]

    def exists(self, chosen: Mapping[str, Answer]) -> bool:
        return not self.terms or any(
            all(chosen.get(name) == n for name, n in term) for term in self.terms
        )


class _Finder:
    def __init__(self, program: Program, params: dict[str, Any], limit: int):
        self.program = program
        self.params = params
        self.limit = limit
        self.count = 0
        self.known: dict[str, _Known] = {}
        self.order: list[str] = []
        self.spans: set[Any] = set()
        self.failed: list[tuple[str, Answer, _Built]] = []
        self.mistakes = Findings()
        self.untried = 0  # options that fail by themselves, of which no more is known
        self.rng = random.Random(0)

    def find(self) -> SpecSpace:
        first = self._built({})
        if first.error is not None:
            raise first.error
        self._learn(first, None)
        self._explore()
        if len(self.mistakes):
            raise SpecError(*self.mistakes)
        self._compare()
        space = self._space()
        dead: dict[Answer, Findings] = {}  # an option of a block is that of each of its copies
        for name, answer, option in self._dead():
            dead.setdefault(answer, Findings()).add(option, name)
        problems = [option for options in dead.values() for option in options]
        problems.sort(key=lambda found: found.span[1:3] if found.span else ())
        if self.untried:
            note = f"{counted(self.untried, 'more option')} fail, of which not all was tried"
            problems[-1] = replace(problems[-1], notes=(*problems[-1].notes, note))
        found = SpecSpace(
            self.program,
            self.params,
            self.limit,
            space,
            {name: known.asked for name, known in self.known.items()},
            tuple(self._unreachable()),
            self.count,
        )
        if not problems and self.program.require and found.is_empty:
            problems.append(self._none(found))
        if problems:
            raise SpecError(*problems)
        return found

    def _built(self, answers: Mapping[str, Answer]) -> _Built:
        self.count += 1
        if self.count > MAX_EXPANSIONS:
            raise self._too_open(self.count)
        decisions = Decisions(answers)
        error = None
        try:
            network = expand(self.program, self.params, limit=self.limit, decisions=decisions)
            network.root.dissolve()
        except SpecError as broken:
            error = broken
        self.spans |= {asked.choice.span for asked in decisions.asked.values()}
        return _Built(dict(answers), decisions.asked, error)

    def _too_open(self, count: int) -> SpecError:
        return TOO_OPEN.error(
            self.program.span,
            f"trying every option once takes more than {MAX_EXPANSIONS:,} networks ({count:,})",
            help="a `step:` makes a range smaller",
        )

    # -- exploring ------------------------------------------------------------------------

    def _learn(self, built: _Built, why: tuple[str, Answer] | None) -> None:
        """Note the decisions that an expansion asked for and that were not known."""
        before: str | None = None
        for name, asked in built.asked.items():
            known = self.known.get(name)
            if known is None:
                terms = [] if why is None else [_term(why)]
                self.known[name] = _Known(asked, dict(built.answers), terms)
                at = 0 if before is None else self.order.index(before) + 1
                self.order.insert(at, name)
            elif why is not None and built.error is None:
                if not known.exists(self._chosen(built)) and name != why[0]:
                    known.terms.append(_term(why))
            before = name
        if len(self.known) > MAX_DECISIONS:
            raise self._too_open(len(self.known))

    def _chosen(self, built: _Built) -> dict[str, Answer]:
        return {name: built.answers.get(name, asked.default) for name, asked in built.asked.items()}

    def _explore(self) -> None:
        """Try every option of every decision, those of decisions found on the way too."""
        done: set[str] = set()
        while True:
            new = [name for name in self.order if name not in done]
            if not new:
                return
            home = self.known[new[0]].home
            group = [name for name in new if self.known[name].home == home]
            done |= set(group)
            options = sum(len(self.known[name].others) for name in self.known)
            if options > MAX_EXPANSIONS:
                raise self._too_open(options)
            base = self._built(home)
            gone: dict[tuple[str, str], set[Answer]] = {}
            most = max(len(self.known[name].others) for name in group)
            for n in range(most):
                flips = [
                    (name, self.known[name].others[n])
                    for name in group
                    if n < len(self.known[name].others)
                ]
                self._try(home, base, flips, gone)
            for (name, other), answers in gone.items():
                self._needs(name, other, answers)

    def _try(
        self,
        home: Mapping[str, Answer],
        base: _Built,
        flips: list[tuple[str, Answer]],
        gone: dict[tuple[str, str], set[Answer]],
    ) -> None:
        """Try options together, and by halves where they change more than themselves."""
        built = self._built({**home, **dict(flips)})
        if built.error is not None:
            mistakes = [d for d in built.error.diagnostics if d.code in _AS_WRITTEN]
            for mistake in mistakes:
                self.mistakes.add(mistake, mistake.path)
            if mistakes:  # which of the options it is does not matter
                return
        if built.error is None and built.asked.keys() == base.asked.keys():
            return
        if len(flips) > 1:
            half = len(flips) // 2
            self._try(home, base, flips[:half], gone)
            self._try(home, base, flips[half:], gone)
            return
        ((name, answer),) = flips
        self._learn(built, (name, answer))
        if built.error is not None:
            self.failed.append((name, answer, built))
            return
        for other in base.asked.keys() - built.asked.keys():
            gone.setdefault((other, name), set()).add(answer)

    def _needs(self, name: str, other: str, without: set[Answer]) -> None:
        """Note that a decision is there only where another one has not one of some answers."""
        known = self.known[name]
        asked = self.known[other].asked
        keep = [n for n in range(len(asked.options)) if n not in without]
        known.terms = [
            term if any(one == other for one, _n in term) else (*term, (other, n))
            for term in known.terms or [()]
            for n in keep
        ]
        known.terms = list(dict.fromkeys(known.terms))
        if len(known.terms) > _COMBINATIONS:
            raise self._tangled(name)

    # -- holding children to it -----------------------------------------------------------

    def _compare(self) -> None:
        """Build children chosen at random, and mend what is not known of when decisions exist."""
        if len(self.known) < 2 or always_the_same(self.program):
            return
        mended, right = 0, 0
        while right < SAMPLES:
            chosen = self._space().choose(lambda decision: drawn(decision, self.rng))
            built = self._built(chosen)
            if built.error is not None or built.asked.keys() == chosen.keys():
                right += 1
                continue
            mended += 1
            right = 0
            odd = sorted(built.asked.keys() ^ chosen.keys(), key=list(built.asked).__contains__)
            if mended > _REPAIRS:
                raise self._tangled(odd[0])
            self._mend(odd[0], built, chosen)

    def _mend(self, name: str, built: _Built, chosen: dict[str, Answer]) -> None:
        """Find the answers that a decision's being there or not depends on, and go through them."""
        asked = name in built.asked
        kept = dict(chosen)
        for other in list(kept):
            default = self.known[other].asked.default
            if kept[other] == default:
                del kept[other]
                continue
            less = {key: value for key, value in kept.items() if key != other}
            if (name in self._built(less).asked) == asked:
                kept = less
        kept.pop(name, None)
        sizes = [len(self.known[other].asked.options) for other in kept]
        if not kept or 0 in sizes:
            raise self._tangled(name)
        if name not in self.known:
            self._learn(self._built(kept), (next(iter(kept)), next(iter(kept.values()))))
            self.known[name].terms = [tuple((key, int(n)) for key, n in kept.items())]
            self._explore()
            return
        known = self.known[name]
        if asked:
            known.terms.append(tuple((key, int(n)) for key, n in kept.items()))
            return
        total = 1
        for size in sizes:
            total *= size
        if total > _COMBINATIONS:
            raise self._tangled(name)
        there: list[Term] = []
        for answers in product(*map(range, sizes)):
            term = tuple(zip(kept, answers, strict=True))
            if name in self._built(dict(term)).asked:
                there.append(term)
        known.terms = [
            (*old, *term) for old in known.terms or [()] for term in there if _agree(old, term)
        ]
        if not there or len(known.terms) > _COMBINATIONS:
            raise self._tangled(name)

    def _tangled(self, name: str) -> SpecError:
        known = self.known.get(name)
        return TANGLED.error(
            self.program.span if known is None else known.asked.choice.span,
            f"whether there is a decision `{name}` depends on several others together",
            help="let one choice decide, or let the node stand inside an option",
        )

    # -- what was found -------------------------------------------------------------------

    def _space(self) -> Space:
        """The decisions, each after those that it depends on."""
        placed: dict[str, Decision] = {}

        def place(name: str) -> None:
            if name in placed:
                return
            known = self.known[name]
            for term in known.terms:
                for other, _n in term:
                    if other != name:
                        place(other)
            asked = known.asked
            placed[name] = Decision(
                name,
                asked.kind,
                asked.options,
                asked.low,
                asked.high,
                asked.log,
                asked.default,
                tuple(dict.fromkeys(known.terms)),
            )

        for name in self.order:
            place(name)
        return Space(tuple(placed.values()))

    def _dead(self) -> Iterator[tuple[str, Answer, Diagnostic]]:
        """Options with which nothing can be built, whatever else is chosen: the decision, the answer,
        and why."""
        space = self._space()
        before = self.count
        dead: set[tuple[Span | None, Answer]] = set()
        for name, answer, built in self.failed:
            option = self._dead_option(space.by_name[name], answer, built)
            if (option.span, answer) not in dead:  # else it is the same in another copy
                if dead and self.count - before > _ENOUGH:
                    self.untried += 1
                    continue
                tries = min(TRIES, MAX_EXPANSIONS - self.count)
                if any(self._works(space, built.answers) for _ in range(tries)):
                    continue
            dead.add((option.span, answer))
            yield name, answer, option

    def _works(self, space: Space, forced: Mapping[str, Answer]) -> bool:
        """Whether there is a child with these answers and others drawn at random."""

        def answer(decision: Decision) -> Answer:
            given = forced.get(decision.name)
            return drawn(decision, self.rng) if given is None else given

        return self._built(space.choose(answer)).error is None

    def _dead_option(self, decision: Decision, answer: Answer, built: _Built) -> Diagnostic:
        assert built.error is not None
        causes = built.error.diagnostics
        spans = self.known[decision.name].asked.spans
        shown = decision.options[int(answer)] if decision.options else answer
        return DEAD_OPTION.at(
            spans[int(answer)] if decision.options and int(answer) < len(spans) else spans[0],
            f"no child has `{decision.name}` = {written(shown)}: {causes[0].message}",
            labels=tuple(Label(d.span, f"{d.code}: {d.message}") for d in causes[:3] if d.span),
            notes=causes[0].notes,
            help=causes[0].help,
        )

    def _none(self, found: SpecSpace) -> Diagnostic:
        reasons = [found.reason(found.sample(self.rng)) for _ in range(3)]
        first = next(iter(self.program.require.values()))
        return NO_CHILD.at(
            first.span,
            f"none of {ACCEPTED} children meets what is required",
            notes=tuple(dict.fromkeys(reason for reason in reasons if reason)),
        )

    def _unreachable(self) -> Iterator[Diagnostic]:
        for choice in written_choices(self.program):
            if getattr(choice, "kind", "") == "unused":
                continue  # it follows from the rest
            if choice.span.source in self.program.lineage and choice.span not in self.spans:
                yield UNREACHABLE.at(
                    choice.span,
                    "no child asks for this choice",
                    help="its node is never there: look at the `when:` around it",
                )


def _term(why: tuple[str, Answer]) -> Term:
    return ((why[0], int(why[1])),)


def _agree(one: Term, other: Term) -> bool:
    """Whether two terms can hold together."""
    chosen = dict(one)
    return all(chosen.get(name, n) == n for name, n in other)
