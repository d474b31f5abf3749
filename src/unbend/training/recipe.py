"""The central type of this room: everything that decides how a network is trained."""

from dataclasses import dataclass, fields
from sys import float_info
from typing import Literal, get_args

from unbend.errors import UnbendError, did_you_mean
from unbend.network.network import Link

Loss = Literal["binary_cross_entropy", "cross_entropy", "squared", "huber"]
Optimizer = Literal["sgd", "adam", "adamw", "rmsprop"]
Schedule = Literal["constant", "cosine", "step"]
Measure = Literal["every", "kept"]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; defaults and formulas of the optimisers are PyTorch's.

    ``batch_size=None`` is the full batch. The order of the batches depends on ``shuffle_seed`` and the epoch alone, the
    starting weights on ``seed`` alone. ``schedule``: the learning rate of epoch t is ``learning_rate`` times 1, or
    (1 + cos(pi t / epochs)) / 2, or ``step_factor ** (t // step_epochs)``. ``keep`` names the epochs whose weights are
    kept; loss and metric are measured on all rows at ``"every"`` epoch or at the ``"kept"`` ones. ``weight_decay`` adds
    its multiple of every weight and bias to the gradient, ``l1`` its multiple of their signs.
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
    l1: float = 0.0
    huber_delta: float = 1.0
    batch_size: int | None = 16
    epochs: int = 150
    seed: int = 0
    shuffle_seed: int = 0
    keep: "Literal['dense-early', 'all', 'last'] | tuple[int, ...]" = "dense-early"
    measure: Measure = "every"

    def kept_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept, in order.

        ``dense-early`` keeps the start (0), every epoch to 20, then every 5 per cent further on, and the last.

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


LINK_OF_LOSS: dict[Loss, Link] = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "squared": "identity",
    "huber": "identity",
}
LARGEST = 2**32 - 1  # of seeds and epochs, which count in 32 bits
_CHOICES = {"loss": Loss, "optimizer": Optimizer, "schedule": Schedule, "measure": Measure}
_WHOLE = {"epochs": 1, "step_epochs": 1, "seed": 0, "shuffle_seed": 0}  # name -> smallest value
_ABOVE_ZERO = ("learning_rate", "epsilon", "huber_delta", "step_factor")
_BELOW_ONE = ("momentum", "beta1", "beta2", "smoothing")


def validate(recipe: Recipe, output: Link | None = None) -> None:
    """Refuse a recipe that cannot be followed; one sentence names every fault. ``output`` must fit the loss.

    >>> validate(Recipe(loss="squared", momentum=1.5, beta1=1.0))
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: momentum=1.5 must be from 0 to below 1; beta1=1.0 must be from 0 to below 1
    """
    faults = [fault for field in fields(recipe) if (fault := _fault(field.name, getattr(recipe, field.name), recipe))]
    if not faults and output is not None and LINK_OF_LOSS[recipe.loss] != output:
        faults.append(f"loss {recipe.loss!r} needs the output {LINK_OF_LOSS[recipe.loss]!r}, not {output!r}")
    if recipe.nesterov is True and not recipe.momentum:
        faults.append("nesterov=True needs a momentum above 0")
    if faults:
        raise UnbendError("; ".join(faults))


def _fault(name: str, value: object, recipe: Recipe) -> str | None:
    said = f"{name}={value!r} must be "
    if name in _CHOICES:
        known = get_args(_CHOICES[name])
        return None if value in known else f"there is no {name} {value!r}; {did_you_mean(str(value), known)}"
    if name in _WHOLE:
        return None if _whole(value, _WHOLE[name]) else f"{said}a whole number from {_WHOLE[name]} to {LARGEST}"
    if name == "batch_size":
        return None if value is None or _whole(value, 1) else f"{said}a whole number from 1 on, or None for all rows"
    if name in _ABOVE_ZERO:
        return None if _number(value) and value > 0 else f"{said}a finite number above 0"  # pyright: ignore
    if name in _BELOW_ONE:
        return None if _number(value) and 0 <= value < 1 else f"{said}from 0 to below 1"  # pyright: ignore
    if name in ("weight_decay", "l1"):
        return None if _number(value) and value >= 0 else f"{said}a finite number from 0 on"  # pyright: ignore
    if name == "nesterov":
        return None if isinstance(value, bool) else f"{said}True or False"
    if name == "keep":
        return _keep_fault(value, recipe)
    return None


def _keep_fault(value: object, recipe: Recipe) -> str | None:
    if value in ("dense-early", "all", "last"):
        return None
    sound = isinstance(value, tuple) and len(value) > 0 and all(_whole(epoch, 0) for epoch in value)
    beyond = _whole(recipe.epochs, 1) and sound and value[-1] > recipe.epochs  # pyright: ignore
    if sound and list(value) == sorted(set(value)) and not beyond:  # pyright: ignore
        return None
    return f"keep={value!r} must be 'dense-early', 'all', 'last', or rising epochs from 0 to {recipe.epochs}"


def _whole(value: object, smallest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and smallest <= value <= LARGEST


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= float_info.max
