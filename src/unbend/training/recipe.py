"""The central type of this room: everything that decides how a network is trained."""

from dataclasses import dataclass
from typing import Literal

Loss = Literal["binary_cross_entropy", "cross_entropy", "squared", "huber"]
Optimizer = Literal["sgd", "adam", "adamw", "rmsprop"]
Schedule = Literal["constant", "cosine", "step"]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; defaults and formulas of the optimisers are PyTorch's.

    ``batch_size=None`` is the full batch. The order of the batches depends on ``shuffle_seed`` and the epoch alone, the
    starting weights on ``seed`` alone. Loss and metric are measured on all rows at every epoch, or at the kept ones. ``schedule``: the learning rate of epoch t is ``learning_rate`` times 1, or
    (1 + cos(pi t / epochs)) / 2, or ``step_factor ** (t // step_epochs)``.
    """

    loss: Loss
    optimizer: Optimizer = "sgd"
    learning_rate: float = 0.05
    schedule: Schedule = "constant"
    step_epochs: int = 50
    step_factor: float = 0.1
    momentum: float = 0.0
    nesterov: bool = False
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    smoothing: float = 0.99  # RMSprop's alpha
    weight_decay: float = 0.0
    huber_delta: float = 1.0
    batch_size: int | None = 16
    epochs: int = 150
    seed: int = 0
    shuffle_seed: int = 0
    keep: "Literal['dense-early', 'all', 'last'] | tuple[int, ...]" = "dense-early"
    measure: Literal["every", "kept"] = "every"

    def kept_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept, 0 (the start) and the last always among them for the named choices.

        ``dense-early`` keeps every epoch to 20, then every 5 per cent further on.

        >>> Recipe(loss="squared", epochs=30, keep="dense-early").kept_epochs()[-4:]
        (27, 28, 29, 30)
        """
        if isinstance(self.keep, tuple):
            return self.keep
        if self.keep == "last":
            return (self.epochs,)
        if self.keep == "all":
            return tuple(range(self.epochs + 1))
        kept, epoch = [0], 1
        while epoch < self.epochs:
            kept.append(epoch)
            epoch += max(1, epoch // 20)
        return (*kept, self.epochs)
