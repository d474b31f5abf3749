"""Watching what Lightning trains: a callback around the same watch as in any loop of PyTorch."""

import sys
from importlib import import_module
from typing import Any

from unbend.errors import UnbendError
from unbend.packages import needed
from unbend.watching.budget import Every
from unbend.watching.watch import Watch, watch

needed("torch", "lightning", "LightningCallback")

from torch import nn  # noqa: E402

from unbend.watching.torch.probe import first_rows  # noqa: E402

PACKAGES = ("lightning.pytorch", "pytorch_lightning")


def _callback_class() -> type[Any]:
    """The `Callback` of the package that is in use, of two that offer the same Lightning."""
    used = [name for name in PACKAGES if name in sys.modules]
    for name in (*used, *PACKAGES):
        try:
            return import_module(name).Callback
        except ImportError:
            continue
    raise UnbendError("LightningCallback needs Lightning, which cannot be imported; pip install lightning")


class LightningCallback(_callback_class()):  # pyright: ignore[reportUntypedBaseClass]
    """Watch the LightningModule while `Trainer.fit` trains it; ``watch`` holds the `Watch` of the latest fit.

    ``probe``: inputs as `forward` takes them; None: of the first batch of training the first element of a tuple or
    list, a dict as named inputs, and anything else as it is, at most 256 rows. A module that defines no `forward` is
    watched through its only child with weights. In distributed training the process of rank 0 watches.

    ``Trainer(callbacks=[watching := LightningCallback()]).fit(module, data); print(watching.watch)``

    >>> LightningCallback(every=100).watch is None
    True
    """

    def __init__(self, probe: Any = None, every: Every = "auto") -> None:
        """Nothing is looked at before the first batch of a fit."""
        super().__init__()
        self.probe = probe
        self.every: Every = every
        self.watch: Watch | None = None
        self._open = False

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Look at the model before its first batch, when weights, device and precision are those of the training."""
        if self._open or not trainer.is_global_zero:
            return
        self.watch = None
        self.watch = watch(_called(pl_module), _probe(batch) if self.probe is None else self.probe, self.every)
        self.watch.__enter__()
        self._open = True

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Look a last time and let go; when the fit ends, the model may be on another device already."""
        self._close(None)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Let go of the model."""
        self._close(exception)

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Let go of a model whose fit was left by another way."""
        self._close(RuntimeError(stage))

    def _close(self, error: BaseException | None) -> None:
        if self._open and self.watch is not None:
            self._open = False
            self.watch.__exit__(None if error is None else type(error), error, None)


def _probe(batch: Any) -> Any:
    """The inputs of a batch, without its targets if it is a pair."""
    given = batch[0] if isinstance(batch, list | tuple) else batch
    (rows,), _ = first_rows((given,), {})
    return rows


def _called(module: nn.Module) -> nn.Module:
    """The module that takes the inputs: the LightningModule, or the one child with weights if it has no forward."""
    if type(module).forward.__module__.split(".")[0] not in ("lightning", "pytorch_lightning"):
        return module
    children = [child for child in module.children() if any(True for _ in child.parameters())]
    if len(children) != 1:
        raise UnbendError(
            f"{type(module).__name__} defines no forward and has {len(children)} parts with weights, so it is not "
            "known how to send a probe through it; define forward(x)"
        )
    return children[0]
