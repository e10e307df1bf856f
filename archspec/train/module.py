"""The LightningModule around a compiled spec: losses, metrics, and what a checkpoint keeps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from archspec.connections import Module as Part
from archspec.diagnostics import TrainingError

from .data import Data, batches
from .data.loading import NOBODY, Order
from .lightning_ import LightningModule
from .schedules import optimizer, schedule
from .seeds import seed_of
from .settings import Settings

Row = dict[str, float]
"""The metrics of an epoch by name: epoch, step, lr, train_loss, train_accuracy, val_loss,
val_accuracy, val_accuracy5 (with more than 5 classes), seconds. Accuracies are shares of 1."""

Batch = tuple[Tensor, Tensor]


def head_weights(arch: Any) -> tuple[str, dict[str, float]]:
    """The output that is the network's answer, and the loss weights of the heads beside it.

    Raises TrainingError where there is not one answer.
    """
    answers, heads = [], {}
    for name, value in arch.outputs.items():
        if value.producer is not None and value.producer.train_only:
            heads[name] = _loss_weight(value.producer)
        else:
            answers.append(name)
    if len(answers) != 1:
        raise TrainingError(
            f"{arch.name} has the outputs {', '.join(answers) or 'none'}: a classifier that can be "
            "trained here has one, beside heads that are train_only"
        )
    return answers[0], heads


def _loss_weight(producer: Part) -> float:
    part: Part | None = producer
    while part is not None and part.train_only:
        if part.loss_weight is not None:
            return float(part.loss_weight)
        part = part.parent
    return 1.0


class Classifier(LightningModule):  # type: ignore[misc]
    """A compiled network that learns to classify.

    rows: the metrics of the finished epochs. on_epoch: called with each row where there is one
    process or it is the first; True ends the training.
    """

    def __init__(
        self,
        model: nn.Module,
        arch: Any,
        data: Data,
        settings: Settings,
        on_epoch: Callable[[Row], object] | None = None,
    ):
        super().__init__()
        self.model = model
        self.settings = settings
        self.data = data
        self.answer, self.heads = head_weights(arch)
        self.on_epoch = on_epoch
        self.rows: list[Row] = []
        self._seen: dict[str, Tensor] = {}
        self._since = 0.0

    # The data. Loaders are made when the loops know where a resumed run stands.

    def train_dataloader(self) -> DataLoader[Batch]:
        settings, loop, order = self.settings, self.trainer.fit_loop, self._order()
        order.epoch = loop.epoch_progress.current.processed
        order.skip = loop.epoch_loop.batch_progress.current.ready % len(order)
        return batches(
            self.data.train,
            self.data,
            order,
            flip=settings.flip,
            crop=settings.crop,
            workers=settings.workers,
        )

    def _order(self) -> Order:
        return Order(
            len(self.data.train),
            self.settings.batch_size,
            seed=self.settings.seed,
            rank=self.trainer.global_rank,
            world=self.trainer.world_size,
        )

    def val_dataloader(self) -> DataLoader[Batch]:
        return self._evaluation(self.data.val)

    def test_dataloader(self) -> DataLoader[Batch]:
        return self._evaluation(self.data.test)

    def _evaluation(self, images: Any) -> DataLoader[Batch]:
        trainer = self.trainer
        size = max(256, self.settings.batch_size)
        size = min(size, -(-len(images) // trainer.world_size))
        order = Order(
            len(images), size, seed=None, rank=trainer.global_rank, world=trainer.world_size
        )
        return batches(images, self.data, order, workers=self.settings.workers)

    # A step.

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed the step: a resumed run drops out what an uninterrupted one does."""
        step = self.trainer.fit_loop.epoch_loop.total_batch_idx
        seed = seed_of(self.settings.seed, "step", step, self.trainer.global_rank)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed formats a stack for each GPU
        if self.device.type != "cpu":
            getattr(torch, self.device.type).manual_seed(seed)

    def training_step(self, batch: Batch, _batch_idx: int) -> Tensor:
        images, labels = batch
        outputs = self.model(images)
        logits = getattr(outputs, self.answer) if self.heads else outputs
        smoothing = self.settings.label_smoothing
        loss = cross_entropy(logits, labels, label_smoothing=smoothing)
        self._count("train", loss, logits, labels)
        for name, weight in self.heads.items():
            head = cross_entropy(getattr(outputs, name), labels, label_smoothing=smoothing)
            loss = loss + weight * head
        return loss

    def validation_step(self, batch: Batch, _batch_idx: int) -> None:
        self._evaluated("val", batch)

    def test_step(self, batch: Batch, _batch_idx: int) -> None:
        self._evaluated("test", batch)

    def _evaluated(self, part: str, batch: Batch) -> None:
        images, labels = batch
        logits = self.model(images)
        here = (labels != NOBODY).sum().clamp_min(1)
        loss = cross_entropy(logits, labels, ignore_index=NOBODY, reduction="sum") / here
        self._count(part, loss, logits, labels)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _count(self, part: str, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add to the sums of loss, right first guesses, right guesses among five, and images."""
        real = labels != NOBODY
        number = real.sum()
        guesses = logits.detach().topk(min(5, logits.shape[1])).indices == labels[:, None]
        sums = torch.stack(
            [loss.detach().double() * number, guesses[:, 0].sum(), guesses.sum(), number]
        )
        self._seen[part] = self._seen[part].to(sums) + sums if part in self._seen else sums

    def _metrics(self, part: str) -> Row:
        """The metrics of a part of the data over all processes, which starts it anew."""
        sums = self._seen.pop(part)
        if self.trainer.world_size > 1:
            sums = self.trainer.strategy.reduce(sums.float(), reduce_op="sum")
        loss, first, five, number = sums.tolist()
        found = {f"{part}_loss": loss / number, f"{part}_accuracy": first / number}
        if len(self.data.classes) > 5 and part != "train":
            found[f"{part}_accuracy5"] = five / number
        return found

    # An epoch.

    def on_train_epoch_start(self) -> None:
        self._since = time.perf_counter()
        self._seen.pop("train", None)

    def on_validation_epoch_end(self) -> None:
        self._val = self._metrics("val")
        self._report(self._val)

    def on_test_epoch_end(self) -> None:
        self.tested = self._metrics("test")

    def on_train_epoch_end(self) -> None:
        step = self.trainer.global_step
        row: Row = {
            "epoch": len(self.rows) + 1,
            "step": step,
            "lr": self.settings.rate * self._factor(step - 1),
            **self._metrics("train"),
            **self._val,
            "seconds": round(time.perf_counter() - self._since, 3),
        }
        self.rows.append(row)
        self._report({k: v for k, v in row.items() if k.startswith(("train", "lr"))})
        if not math.isfinite(row["train_loss"]):
            raise TrainingError(
                f"the loss is {row['train_loss']} after epoch {len(self.rows)}: a lower learning "
                "rate, a warm-up or clipped gradients help"
            )
        if self.on_epoch is not None and self.trainer.is_global_zero and self.on_epoch(row):
            self.trainer.should_stop = True

    def _report(self, metrics: Row) -> None:
        """Tell Lightning's loggers, progress bar and early stop."""
        if not self.trainer.barebones:
            shown = {"train_loss", "val_accuracy"}
            for name, value in metrics.items():
                self.log(name, value, prog_bar=name in shown, rank_zero_only=False)

    # What a checkpoint keeps beside weights and optimiser.

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        seen = self._seen.get("train")
        checkpoint["archspec"] = {
            "rows": self.rows,
            "train": None if seen is None else seen.cpu(),
            "seconds": time.perf_counter() - self._since,
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        kept = checkpoint["archspec"]
        self.rows = list(kept["rows"])
        if kept["train"] is not None:
            self._seen["train"] = kept["train"]
        self._since = time.perf_counter() - kept["seconds"]

    def configure_optimizers(self) -> dict[str, Any]:
        made = optimizer(self.model, self.settings)
        self._factor = schedule(self.settings, self.settings.epochs * len(self._order()))
        scheduler = torch.optim.lr_scheduler.LambdaLR(made, self._factor)
        return {
            "optimizer": made,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


class Sharded(Classifier):
    """A classifier whose weights are shared out between processes (FSDP2)."""

    def configure_model(self) -> None:
        from torch.distributed.fsdp import FSDPModule, fully_shard

        if isinstance(self.model, FSDPModule):  # Lightning asks again before the test
            return
        mesh = self.device_mesh["data_parallel"]
        for child in self.model.children():
            if any(weight.requires_grad for weight in child.parameters()):
                fully_shard(child, mesh=mesh)
        fully_shard(self.model, mesh=mesh)
