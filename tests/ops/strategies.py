"""Arguments and inputs drawn at random for every op of the catalogue.

Arguments come from the types of an op's fields, unless `ARGUMENTS` says otherwise; inputs come from
`SHAPES`. Both are drawn so that some combinations do not fit: torch must refuse these too.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from annotated_types import Ge, Gt
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from archspec.ops import Op, Shape, catalogue
from archspec.ops.arguments import SizeReader

Drawn = st.SearchStrategy[Any]

SIZE = st.integers(1, 9)
COUNT = st.integers(1, 4)
CHANNELS = st.sampled_from([1, 2, 3, 4, 6, 8])
FACTOR = st.sampled_from([0.25, 0.5, 1.0, 2])
SHAPE = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)


class Case(NamedTuple):
    """One use of an op: its arguments, not yet checked, and the shapes of its inputs."""

    arguments: dict[str, Any]
    shapes: tuple[Shape, ...]


# -- inputs -----------------------------------------------------------------------------------


def image(axes: int, largest: int = 9) -> Drawn:
    """Channels and this many spatial axes."""
    return st.tuples(CHANNELS, *[st.integers(1, largest)] * axes)


def ranks(*axes: int) -> Drawn:
    """Channels and one of these numbers of spatial axes."""
    return st.one_of(*[image(number, 5) for number in axes])


def one(shape: Drawn) -> Drawn:
    return st.tuples(shape)


def twins(shape: Drawn, count: int = 2) -> Drawn:
    """Several inputs of one shape, or all but one of them."""

    def change(first: Shape) -> Drawn:
        place = st.integers(0, len(first) - 1)
        other = st.tuples(place, SIZE | st.just(1)).map(
            lambda at: (*first[: at[0]], at[1], *first[at[0] + 1 :])
        )
        return st.tuples(*[st.just(first)] * (count - 1), st.just(first) | other)

    return shape.flatmap(change)


def trailing(*others: int, largest: int = 5) -> Drawn:
    """Inputs that share all sizes but the last, as many as `others` and one."""
    lead = st.lists(st.integers(1, 3), max_size=2).map(tuple)
    lasts = st.tuples(*[st.integers(1, largest)] * (len(others) + 1))
    return st.tuples(lead, lasts).map(lambda d: tuple((*d[0], last) for last in d[1]))


def attention(op: str) -> Drawn:
    if op == "multi_head_attention":
        features = st.sampled_from([2, 4, 6])
        alone = one(st.tuples(COUNT, features))
        return alone | st.tuples(COUNT, COUNT, features, features, features).map(
            lambda d: ((d[0], d[2]), (d[1], d[3]), (d[1], d[4]))
        )
    return st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT).map(
        lambda d: ((d[0], d[1], d[3]), (d[0], d[2], d[3]), (d[0], d[2], d[4]))
    )


def by_axes(*names: str) -> dict[str, Drawn]:
    """Ops that come for 1, 2 and 3 spatial axes."""
    return {
        f"{name}{suffix}": one(image(axes, 9 if axes < 3 else 5))
        for name in names
        for axes, suffix in ((1, "1d"), (2, ""), (3, "3d"))
    }


def each(shape: Drawn, *names: str) -> dict[str, Drawn]:
    return dict.fromkeys(names, shape)


SHAPES: dict[str, Drawn] = {
    **by_axes("conv", "depthwise_conv", "conv_transpose"),
    **by_axes("max_pool", "avg_pool", "lp_pool", "adaptive_avg_pool", "adaptive_max_pool"),
    **each(one(ranks(1, 2, 3)), "global_avg_pool", "global_max_pool", "instance_norm"),
    **each(one(ranks(0, 1, 2, 3)), "batch_norm"),
    **each(one(SHAPE), "linear", "group_norm", "layer_norm", "rms_norm"),
    **each(one(ranks(1, 2, 3)), "local_response_norm"),
    "normalize": one(SHAPE),
    "bilinear": trailing(1),
    "linear_with": st.tuples(SHAPE, COUNT, COUNT, st.booleans()).map(
        lambda d: (d[0], (d[1], (*d[0], d[2])[-1 if d[3] else len(d[0]) - 1]), (d[1],))[: 2 + d[3]]
    ),
    "take": st.tuples(SHAPE, ranks(0, 1, 2)),
    **{name: one(SHAPE) for name, op in catalogue().items() if op.family == "activation"},
    "dropout1d": one(image(1)),
    "dropout2d": one(image(2)),
    "dropout3d": one(image(3, 4)),
    **each(
        one(SHAPE),
        *("dropout", "alpha_dropout", "feature_alpha_dropout", "stochastic_depth", "identity"),
    ),
    **each(twins(SHAPE), "add", "sub", "mul", "div", "maximum", "minimum"),
    **each(one(SHAPE), "scale", "offset", "pow", "sqrt", "exp", "log", "abs", "neg", "clamp"),
    "matmul": st.tuples(*[st.tuples(*[st.integers(1, 3)] * 3)] * 2),
    **each(twins(SHAPE, 3), "concat", "concat_padded", "stack"),
    **each(one(SHAPE), "split", "chunk", "slice", "index"),
    **each(one(SHAPE), "flatten", "reshape", "unflatten", "permute", "transpose"),
    **each(one(SHAPE), "squeeze", "unsqueeze", "expand", "tile", "roll"),
    **each(one(SHAPE), "mean", "sum", "amax", "amin", "var", "cumsum"),
    **each(one(SHAPE), "pad", "pad_channels", "subsample"),
    "upsample": one(ranks(1, 2, 3)),
    "upsample_like": twins(ranks(1, 2, 3)),
    **each(one(image(2)), "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "unfold"),
    "fold": one(st.tuples(st.integers(1, 16), st.integers(1, 16))),
    **each(one(image(1)), "lstm", "gru", "rnn"),
    "embedding": one(image(0)),
    **each(one(SHAPE), "parameter", "buffer", "constant", "arange"),
    **{name: attention(name) for name in ("multi_head_attention", "scaled_dot_product_attention")},
}


# -- arguments --------------------------------------------------------------------------------

RATE = st.sampled_from([0.0, 0.1, 0.5, 1.0, -0.1, 1.5])
DIM = st.integers(-4, 3)
DIMS = st.lists(DIM, min_size=1, max_size=3, unique=True)
SHIFT = st.lists(st.integers(-3, 3), min_size=1, max_size=3)
NEW_SHAPE = st.lists(st.just(-1) | COUNT, min_size=1, max_size=3)
LIMITS = st.sampled_from([-1.0, 0.0, 0.1, 0.2, 1.0, 6.0])
STEPS = st.none() | st.integers(-5, 9)
PATCH = {
    "kernel": COUNT,
    "stride": COUNT,
    "padding": st.integers(0, 2),
    "dilation": st.integers(1, 2),
}

ARGUMENTS: dict[str, dict[str, Drawn]] = {
    **{
        name: {"p": RATE}
        for name, op in catalogue().items()
        if op.family == "regularization" and "p" in op.fields()
    },
    "rrelu": {"lower": st.sampled_from([0.0, 0.1, 0.4]), "upper": st.sampled_from([0.1, 0.3])},
    "hardtanh": {"min": LIMITS, "max": LIMITS},
    "prelu": {"initial": FACTOR},
    "clamp": {"min": st.none() | LIMITS, "max": st.none() | LIMITS},
    "softmax": {"dim": DIM},
    "log_softmax": {"dim": DIM},
    "glu": {"dim": DIM},
    **each({"momentum": FACTOR}, "batch_norm", "instance_norm"),  # type: ignore[arg-type]
    "concat": {"dim": DIM},
    "stack": {"dim": DIM},
    "split": {"sizes": SIZE | st.lists(COUNT, min_size=1, max_size=3), "dim": DIM},
    "chunk": {"dim": DIM},
    "slice": {"start": STEPS, "stop": STEPS, "dim": DIM},
    "index": {"index": st.integers(-7, 6), "dim": DIM},
    "take": {"dim": DIM},
    "normalize": {"dim": DIM},
    "flatten": {"start_dim": DIM, "end_dim": DIM},
    "reshape": {"shape": NEW_SHAPE},
    "unflatten": {"sizes": NEW_SHAPE, "dim": DIM},
    "permute": {"dims": DIMS},
    "transpose": {"dims": st.lists(DIM, min_size=2, max_size=2)},
    "squeeze": {"dims": DIMS},
    "unsqueeze": {"dim": DIM},
    "expand": {"shape": NEW_SHAPE},
    "tile": {"repeats": st.lists(COUNT, min_size=1, max_size=4)},
    "roll": {"shifts": SHIFT, "dims": DIMS},
    **{name: {"dims": DIMS} for name in ("mean", "sum", "amax", "amin", "var")},
    "cumsum": {"dim": DIM},
    "pad": {"padding": st.integers(0, 3), "value": st.just(0.0)},
    "pad_channels": {"channels": SIZE},
    "subsample": {"stride": COUNT},
    "upsample": {
        "scale": st.integers(1, 3) | st.sampled_from([0.5, 1.5]),
        "size": st.none(),
        "align_corners": st.none(),
    },
    "upsample_like": {"align_corners": st.none()},
    "unfold": PATCH,
    "fold": {**PATCH, "size": SIZE},
    "embedding": {"padding_idx": st.none() | st.integers(-2, 4)},
    "parameter": {"shape": st.lists(COUNT, max_size=3), "init": st.just("zeros")},
    "buffer": {"shape": st.lists(COUNT, max_size=3)},
    "constant": {"value": st.just([[1, 2], [3, 4]]) | st.just(0.5)},
    "arange": {"stop": st.integers(3, 9), "start": st.integers(0, 2)},
    "scaled_dot_product_attention": {"scale": st.none() | FACTOR, "dropout": st.just(0.0)},
    "multi_head_attention": {"dropout": st.sampled_from([0.0, 0.1])},
    **each({"dropout": st.just(0.0)}, "lstm", "gru", "rnn"),  # type: ignore[arg-type]
}
NEVER = ("in_channels", "in_features")
"""Arguments that only say again what is inferred, and are checked against it."""


def from_type(annotation: Any, metadata: tuple[Any, ...] = ()) -> Drawn:
    """Values of a field's type, and numbers just below the least that it allows."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return from_type(inner, (*metadata, *more))
    for mark in metadata:
        reader = getattr(mark, "func", None)
        if isinstance(reader, SizeReader):
            return from_reader(reader)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(1, 4) if bounded(metadata) else st.integers(-4, 4)
    if annotation is float:
        return FACTOR
    if annotation is type(None):
        return st.none()
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    return st.one_of(*[from_type(part) for part in get_args(annotation)])


def bounded(metadata: tuple[Any, ...]) -> bool:
    return any(isinstance(mark, Ge | Gt) for mark in metadata)


def from_reader(reader: SizeReader) -> Drawn:
    """One number for each axis, rarely one too small; or a word."""
    fitting = st.integers(reader.least, reader.least + 3)
    number = st.one_of(*[fitting] * 15, st.just(reader.least - 1))
    if reader.none:
        number = number | st.none()
    same = number.map(lambda value: (value,) * reader.axes)
    drawn = same | st.tuples(*[number] * reader.axes)
    return drawn | st.sampled_from(reader.words) if reader.words else drawn


def from_field(op: type[Op], name: str, field: FieldInfo) -> Drawn:
    if name in NEVER:
        return st.none()
    own = ARGUMENTS.get(op.name, {}).get(name)
    return own if own is not None else from_type(field.annotation, tuple(field.metadata))


def cases(op: type[Op]) -> st.SearchStrategy[Case]:
    """Uses of an op."""
    fields = {name: from_field(op, name, field) for name, field in op.fields().items()}
    required = {n: s for n, s in fields.items() if op.fields()[n].is_required()}
    optional = {n: s for n, s in fields.items() if n not in required}
    arguments = st.fixed_dictionaries(required, optional=optional)
    return st.builds(Case, arguments, SHAPES[op.name])
