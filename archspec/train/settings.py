"""Settings: how a network is trained. They are written beside what was trained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from numbers import Integral, Real
from typing import Any

from archspec.diagnostics import TrainingError, counted, did_you_mean

OPTIMIZERS = ("sgd", "adamw")
SCHEDULES = ("cosine", "step", "one-cycle", "constant")
PRECISIONS = ("32", "bf16-mixed", "16-mixed")
STRATEGIES = ("auto", "ddp", "fsdp2")
COLORS = ("rgb", "grey")

_LR = {"sgd": 0.05, "adamw": 1e-3}
_DECAY = {"sgd": 1e-4, "adamw": 1e-2}


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    epochs: times through the training split. batch_size: images per step and device. lr: the
    highest learning rate; 0.05 for sgd (Nesterov), 0.001 for adamw. weight_decay: of weights with
    two axes or more, so of no bias and no normalisation. schedule: "cosine" to zero, "step" to a
    tenth after one half and again after three quarters (He et al. 2015), "one-cycle" up for three
    tenths and then down (Smith & Topin 2017), "constant". warmup: epochs in which the rate rises
    from zero. clip: the largest norm of the gradient. ema: decay of an average of the weights,
    which is what is then validated and kept. flip: mirror half of the images; crop: pixels to pad
    before cutting out the size again. early_stop: end after so many epochs without a better
    validation accuracy. limit_train: images of the training split to use. resize, color: fit images
    to what the network takes. seed: of the weights, the order and the augmentation. split_seed: of
    the splits, apart so that runs with other seeds are tested on the same images. strategy, devices,
    accelerator, precision, workers: as Lightning takes them; "fsdp2" shards the weights.

    Raises TrainingError for a setting that means nothing.
    """

    epochs: int = 10
    batch_size: int = 64
    lr: float | None = None
    optimizer: str = "sgd"
    momentum: float = 0.9
    weight_decay: float | None = None
    schedule: str = "cosine"
    warmup: float = 0.0
    label_smoothing: float = 0.0
    clip: float | None = None
    ema: float | None = None
    precision: str = "32"
    seed: int = 0
    split_seed: int = 0
    flip: bool = False
    crop: int = 0
    resize: bool = False
    color: str | None = None
    early_stop: int | None = None
    limit_train: int | None = None
    workers: int = 0
    devices: int = 1
    strategy: str = "auto"
    accelerator: str = "auto"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kind, takes = _KINDS[str(field.type).removesuffix(" | None")]
            fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
            if not fits and not (value is None and field.default is None):
                raise TrainingError(f"{field.name} takes {takes}, not {value!r}")
        for name, known in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in known:
                hint = did_you_mean(str(value), known) or f"one of {', '.join(known)}"
                raise TrainingError(f"{name} cannot be {value!r}: {hint}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                upper = "" if high == math.inf else f" to {high:g}"
                raise TrainingError(f"{name} is {low:g}{upper or ' or more'}, not {value!r}")
        if self.warmup >= self.epochs and self.warmup:
            raise TrainingError(
                f"warmup takes {self.warmup:g} of {counted(self.epochs, 'epoch')}: none is left"
            )
        if self.ema is not None and self.strategy == "fsdp2":
            raise TrainingError("ema needs whole weights, and fsdp2 shards them: leave out one")
        if self.strategy == "fsdp2" and self.devices == 1:
            raise TrainingError("fsdp2 shards the weights over devices: give two or more devices")

    @property
    def rate(self) -> float:
        """The highest learning rate."""
        return _LR[self.optimizer] if self.lr is None else self.lr

    @property
    def decay(self) -> float:
        """The weight decay."""
        return _DECAY[self.optimizer] if self.weight_decay is None else self.weight_decay

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain values, for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Settings from values by name. Raises TrainingError for a name that is none."""
        names = [field.name for field in fields(cls)]
        for name in values:
            if name not in names:
                hint = did_you_mean(name, names) or f"there are {', '.join(names)}"
                raise TrainingError(f"training has no setting `{name}`: {hint}")
        if "precision" in values:  # 32 is a number where it is read as YAML
            values = {**values, "precision": str(values["precision"])}
        return cls(**values)

    @classmethod
    def of_child(cls, values: Mapping[str, Any]) -> Settings:
        """`of` for a child of a search. Raises TrainingError for what its training does not have."""
        settings = cls.of(values)
        for field in fields(cls):
            if field.name in _NOT_OF_CHILDREN and getattr(settings, field.name) != field.default:
                raise TrainingError(
                    f"the children of a search are trained without `{field.name}`: leave it out"
                )
        return settings


_NOT_OF_CHILDREN = ("ema", "early_stop", "devices", "strategy")
_KINDS: dict[str, tuple[Any, str]] = {
    "int": (Integral, "a whole number"),
    "float": (Real, "a number"),
    "bool": (bool, "true or false"),
    "str": (str, "a word"),
}
_CHOICES = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "precision": PRECISIONS,
    "strategy": STRATEGIES,
    "color": COLORS,
}
_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, math.inf),
    "batch_size": (1, math.inf),
    "lr": (0, math.inf),
    "momentum": (0, 1),
    "weight_decay": (0, math.inf),
    "warmup": (0, math.inf),
    "label_smoothing": (0, 1),
    "clip": (0, math.inf),
    "ema": (0, 1),
    "crop": (0, math.inf),
    "early_stop": (1, math.inf),
    "limit_train": (1, math.inf),
    "workers": (0, math.inf),
    "devices": (1, math.inf),
}
