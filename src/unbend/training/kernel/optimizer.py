"""The optimisers in vectors: one parameter of every network of a group, from its gradient to its new value.

The formulas are those of ``torch.optim`` and of `unbend.training.reference`; state lives in ``slots`` per parameter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unbend.training.kernel.numbers import (
    BETA1,
    BETA2,
    DECAY,
    EPSILON,
    L1,
    MOMENTUM,
    REST1,
    REST2,
    REST_SMOOTHING,
    ROOT_SCALE,
    SHRINK,
    SMOOTHING,
    STEP,
)
from unbend.training.kernel.program import Program
from unbend.training.vector import VectorAlgebra


@dataclass(frozen=True)
class Updater:
    """Emits the update of the parameter at a place, given its gradient."""

    v: VectorAlgebra
    program: Program
    parameters: int
    weights: Any
    state: Any
    hyper: Any
    scratch: Any

    def __call__(self, gradient: Any, place: Any) -> None:
        """Load the parameter and its state, apply the optimiser, store them."""
        v = self.v
        weight = v.load(self.weights, place)
        if self.program.l1:
            gradient = v.multiply_add(self._hyper(L1), v.sign(weight), gradient)
        if self.program.weight_decay and self.program.optimizer != "adamw":
            gradient = v.multiply_add(self._hyper(DECAY), weight, gradient)
        if self.program.optimizer == "adamw":
            weight = v.multiply(weight, v.load(self.scratch, SHRINK))
        change = _RULES[self.program.optimizer](self, gradient, place)
        v.store(v.subtract(weight, v.multiply(v.load(self.scratch, STEP), change)), self.weights, place)

    def _hyper(self, which: int) -> Any:
        return self.v.load(self.hyper, which)

    def _mix(self, slot: int, place: Any, keep: int, new: Any, share: int | None) -> Any:
        """state = keep * state + share * new, stored and returned."""
        v = self.v
        address = v.at(self.state, slot * self.parameters, place)
        new = new if share is None else v.multiply(self._hyper(share), new)
        value = v.multiply_add(self._hyper(keep), v.load(address), new)
        v.store(value, address)
        return value

    def sgd(self, gradient: Any, place: Any) -> Any:
        """Plain, with momentum, or Nesterov's."""
        if not self.program.momentum:
            return gradient
        velocity = self._mix(0, place, MOMENTUM, gradient, None)
        return self.v.multiply_add(self._hyper(MOMENTUM), velocity, gradient) if self.program.nesterov else velocity

    def adam(self, gradient: Any, place: Any) -> Any:
        """Kingma & Ba 2015, algorithm 1; the bias corrections come with the step."""
        v = self.v
        mean = self._mix(0, place, BETA1, gradient, REST1)
        square = self._mix(1, place, BETA2, v.multiply(gradient, gradient), REST2)
        root = v.multiply_add(v.sqrt(square), v.load(self.scratch, ROOT_SCALE), self._hyper(EPSILON))
        return v.quotient(mean, root)

    def rmsprop(self, gradient: Any, place: Any) -> Any:
        """Hinton's RMSprop as in PyTorch (epsilon outside the root)."""
        v = self.v
        square = self._mix(0, place, SMOOTHING, v.multiply(gradient, gradient), REST_SMOOTHING)
        change = v.quotient(gradient, v.add(v.sqrt(square), self._hyper(EPSILON)))
        return self._mix(1, place, MOMENTUM, change, None) if self.program.momentum else change


_RULES: dict[str, Callable[[Updater, Any, Any], Any]] = {
    "sgd": Updater.sgd,
    "adam": Updater.adam,
    "adamw": Updater.adam,
    "rmsprop": Updater.rmsprop,
}


def emit_step_constants(v: VectorAlgebra, scratch: Any, table: Any, rate: Any, hyper: Any) -> None:
    """Once a step: learning rate times schedule and bias correction, Adam's root scale, AdamW's shrinkage."""
    factor = v.multiply(v.load(rate), v.load_scalar(table, 0))
    v.store(v.multiply(factor, v.load_scalar(table, 1)), scratch, STEP)
    v.store(v.load_scalar(table, 2), scratch, ROOT_SCALE)
    shrink = v.subtract(v.constant(1), v.multiply(factor, v.load(hyper, DECAY)))
    v.store(shrink, scratch, SHRINK)
