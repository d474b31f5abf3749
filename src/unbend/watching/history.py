"""The samples of a run, however long: dense early, then ever sparser, never more than a fixed number."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from unbend.watching.measure import LayerMeasure, WeightMeasure
from unbend.watching.places import Places
from unbend.watching.stack import Stack

CAPACITY = 256
# A watch takes at most 64 MB: its samples, and the layers of the model that are kept in some of them.
SAMPLE_BYTES, STACK_BYTES = 40 * 2**20, 24 * 2**20
LAYER_BYTES, WEIGHT_BYTES = 2000, 300  # about what one measure takes, both histograms of a layer included
FEWEST, FEWEST_STACKS = 16, 3


@dataclass(frozen=True, eq=False)
class Sample:
    """What was measured after one step: the activations in forward order, the weights in the model's order.

    ``sound``: where a gradient with NaN or Inf was the reason to look, the last step whose gradient was seen sound.
    ``places``: where the inputs of the probe lie in each layer, for the film of their way.
    ``stack``: the model itself, if it is a plain stack of layers and there is room for it.
    """

    step: int
    layers: tuple[LayerMeasure, ...]
    weights: tuple[WeightMeasure, ...] = ()
    sound: int | None = None
    places: Places | None = None
    stack: Stack | None = None

    @property
    def nbytes(self) -> int:
        """About what it takes without its stack."""
        places = sum(place.points.nbytes for place in self.places.layers) if self.places else 0
        return places + LAYER_BYTES * len(self.layers) + WEIGHT_BYTES * len(self.weights)

    @property
    def hidden(self) -> tuple[LayerMeasure, ...]:
        """The activations inside the model that are no gates."""
        return tuple(layer for layer in self.layers if layer.role == "hidden")

    @property
    def gradient_ratio(self) -> float:
        """The gradient's norm in the first hidden activation over that in the last; NaN if it was not measured."""
        norms = [layer.gradient for layer in self.hidden]
        return norms[0] / norms[-1] if len(norms) > 1 and norms[-1] > 0 else float("nan")

    @property
    def broken(self) -> str | None:
        """The first activation, else the first weight, with NaN or Inf in it; None if there is none."""
        parts = (*self.layers, *self.weights)
        return next((part.name for part in parts if not part.finite), None)


@dataclass
class History:
    """Samples by rising step, at most ``capacity`` of them, and of large ones at most 40 MB, but 16 in any case.

    The first, and the newest, always stay.

    >>> history = History(capacity=4)
    >>> for step in range(100):
    ...     history.record(Sample(step, ()))
    >>> len(history.samples), history.samples[0].step, history.samples[-1].step
    (4, 0, 99)
    """

    capacity: int = CAPACITY
    samples: list[Sample] = field(default_factory=list[Sample])

    def record(self, sample: Sample) -> None:
        """Keep a sample; where there is no room, the one goes whose neighbours are nearest in log(1 + step).

        A sample of the step that was recorded last takes its place.
        """
        if self.samples and self.samples[-1].step == sample.step:
            self.samples.pop()
        elif self.samples:
            self.samples[-1] = _without_units(self.samples[-1], is_first=len(self.samples) == 1)
        self.samples.append(sample)
        room = max(FEWEST, SAMPLE_BYTES // max(1, sample.nbytes))
        while len(self.samples) > min(self.capacity, room):
            del self.samples[_crowded(self.steps)]
        self._thin_stacks()

    def _thin_stacks(self) -> None:
        """Leave out the layers of samples, of those whose neighbours are nearest first, until the rest has room."""
        while (kept := self.with_stack) and sum(one.stack.nbytes for one in kept if one.stack) > STACK_BYTES:
            if len(kept) < FEWEST_STACKS:
                return
            fewer = kept[_crowded(np.array([one.step for one in kept]))]
            self.samples[self.samples.index(fewer)] = replace(fewer, stack=None)

    @property
    def with_stack(self) -> list[Sample]:
        """The samples that hold the model itself."""
        return [sample for sample in self.samples if sample.stack is not None]

    @property
    def steps(self) -> NDArray[np.int64]:
        """(samples,) the step of each."""
        return np.array([sample.step for sample in self.samples], np.int64)

    def of_layer(self, name: str, what: str) -> NDArray[np.float64]:
        """(samples,) one number of one activation along the run, as `LayerMeasure` names it; NaN if missing."""
        return np.array([_value(sample.layers, name, what) for sample in self.samples])

    def of_weight(self, name: str, what: str) -> NDArray[np.float64]:
        """(samples,) one number of one weight array along the run, as `WeightMeasure` names it; NaN if missing."""
        return np.array([_value(sample.weights, name, what) for sample in self.samples])


def _value(parts: tuple[LayerMeasure, ...] | tuple[WeightMeasure, ...], name: str, what: str) -> float:
    return next((float(getattr(part, what)) for part in parts if part.name == name), float("nan"))


def _crowded(steps: NDArray[np.int64]) -> int:
    """The place of the step, neither the first nor the last, whose neighbours are nearest in log(1 + step)."""
    places = np.log1p(steps)
    return 1 + int(np.argmin(places[2:] - places[:-2]))


def _without_units(sample: Sample, is_first: bool) -> Sample:
    """What is as long as a layer is wide is kept of the newest sample alone, the model's answers of the first too."""
    stack = sample.stack and (sample.stack if is_first else replace(sample.stack, answers=None))
    layers = tuple(replace(layer, dead_units=(), dormant_units=()) for layer in sample.layers)
    return replace(sample, layers=layers, stack=stack)
