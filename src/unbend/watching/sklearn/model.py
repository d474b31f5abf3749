"""Watching scikit-learn's multilayer perceptrons: the methods of one instance are listened to, during `with` alone."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np

from unbend.errors import UnbendError
from unbend.text import Text
from unbend.watching.history import Sample
from unbend.watching.measure import Floats, WeightMeasure, measure, update_ratio
from unbend.watching.places import Placing
from unbend.watching.probing import ELEMENTS, MOST_ROWS
from unbend.watching.sklearn.passes import places, responses, stack_theory
from unbend.watching.sklearn.probe import network_of, rows_for
from unbend.watching.sklearn.relay import listen
from unbend.watching.sklearn.stack import stack_of
from unbend.watching.stack import Stack
from unbend.watching.theory import Theory
from unbend.watching.watch import Begin

ANEW = Text(
    zh="fit 在第 {step} 步之后用新的权重重新开始：此后的样本属于另一次训练。",
    en="After step {step} fit began anew with other weights: the samples from there on are of another training.",
)
BEST = Text(
    zh="early_stopping 在 fit 结束时恢复了最好一轮的权重：最后一个样本属于这组权重。",
    en="At the end of fit early_stopping brought the weights of the best epoch back: they are in the last sample.",
)
TRIALS = Text(
    zh="求解器 lbfgs 的一步是损失函数的一次计算，其中有线搜索的试探点；不测量更新比。",
    en="With the solver lbfgs a step is one evaluation of the loss, trials of its line search among them; update "
    "ratios are not measured.",
)
THINNED = Text(
    zh="探针有 {rows} 行，每 {every} 行取一行送入模型。",
    en="Of the {rows} rows of the probe one in {every} is sent through the model.",
)


class SklearnModel:
    """An MLPClassifier or MLPRegressor, alone or as the last step of a pipeline, and its probe."""

    active = True
    look_seconds: float | None = None

    def __init__(self, model: Any, probe: Any) -> None:
        """Check what can be checked before there are weights; `UnbendError` says what does not fit."""
        self.network, self._pipelines = network_of(model)
        self._model = model
        self.notices: tuple[Text, ...] = ()
        self.theory: Theory | None = None
        self._probe, self._rows, self._every = probe, None, 1
        self._placing = Placing()
        self._gradients: list[Floats] | None = None
        self._offsets: list[Floats] = []
        self._before: list[Floats] | None = None
        self._trained: list[Floats] | None = None  # the list of weights that the training works on
        self._steps, self._pending = 0, False
        self._leave: Callable[[], None] | None = None

    @property
    def ready(self) -> bool:
        """Whether there are weights and a probe."""
        return hasattr(self.network, "coefs_") and (self._probe is not None or self._rows is not None)

    def probe_fault(self) -> str | None:
        """None: scikit-learn refuses NaN itself."""
        return None

    def attach(self, begin: Begin, end: Callable[[], None]) -> None:
        """Call ``begin`` when a gradient has been computed, and ``end`` when its step has been taken.

        That is when the next gradient is asked for, or when fit or partial_fit has ended.
        """

        def finish() -> None:
            if self._pending:
                self._pending = False
                end()

        def fit(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            self._trained, self._pending = getattr(self.network, "coefs_", None), False
            if self._probe is not None:
                self._rows, self._placing = None, Placing()  # transformers and precision may be other ones by now
            result = call(*args, **kwargs)
            if self.network.coefs_ is not self._trained:  # what early stopping does, and no step
                self._gradients = self._before = None
                self._notice(BEST)
            finish()
            return result

        def backprop(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            finish()
            result = call(*args, **kwargs)
            _, coefficients, offsets = result
            self._gradients, self._offsets = list(coefficients), list(offsets)
            if self._probe is None and self._rows is None:
                self._rows = (args[0] if args else kwargs["X"])[:MOST_ROWS].copy()
            begin(self._gradient_is_broken, self._begins_anew())
            self._steps, self._pending = self._steps + 1, True
            return result

        self._leave = listen(self.network, {"_fit": fit, "_backprop": backprop})

    def detach(self) -> None:
        """Take the listeners away again."""
        if self._leave is not None:
            self._leave()
        self._leave = self._before = None
        self._pending = False

    def prepare(self) -> None:
        """Remember the weights before an update; for lbfgs the change is none."""
        if self.network.solver != "lbfgs":
            self._before = [one.copy() for one in getattr(self.network, "coefs_", [])]

    def sample(self, step: int) -> Sample:
        """What the probe and the weights say now."""
        if not self.ready:
            raise UnbendError(f"{type(self.network).__name__} has no weights yet; call fit while it is watched")
        with np.errstate(all="ignore"):  # overflow is told as NaN or Inf of a layer
            x = self._inputs()
            found = responses(self.network, x)
            way = places(self._placing, self.network, x, found, self._every)
            layers = tuple(measure(one) for one in found)
            weights = tuple(self._weight(place, one, step) for place, one in enumerate(self.network.coefs_))
            if step == 0:
                self.theory = stack_theory(self.network, found)
        self._before = None
        if self._leave is None:
            self._gradients = None
        return Sample(step, layers, weights, places=way)

    def stack(self) -> Stack:
        """The perceptron, with the scalers of its pipeline, as a plain stack with the weights it has now."""
        return stack_of(self._model)

    def _inputs(self) -> Any:
        """(m, d) the probe as it comes to the network."""
        if self._rows is None:
            x = rows_for(self.network, self._pipelines, self._probe)
            widest = max(one.shape[1] for one in self.network.coefs_)
            every = -(-x.shape[0] // max(MOST_ROWS, ELEMENTS // widest))
            if every > 1:
                self._notice(THINNED.fill({"rows": f"{x.shape[0]:,}", "every": str(every)}))
            self._rows, self._every = x[::every].copy(), every
        return self._rows

    def _weight(self, place: int, weight: Floats, step: int) -> WeightMeasure:
        norm, gradient, update = _norm(weight), float("nan"), float("nan")
        sound = isfinite(norm)
        if step and self._gradients is not None:
            gradient = _norm(self._gradients[place])
            sound = sound and isfinite(gradient)
        if self._before is not None:
            update = update_ratio(_norm(self._before[place]), _norm(weight - self._before[place]))
        return WeightMeasure(f"coefs_[{place}]", norm, gradient, update, sound)

    def _begins_anew(self) -> bool:
        """Whether the network has other weights than when fit was called."""
        anew = self.network.coefs_ is not self._trained
        self._trained = self.network.coefs_
        if anew and self._steps:
            self._notice(ANEW.fill({"step": f"{self._steps:,}"}))
        if self.network.solver == "lbfgs":
            self._notice(TRIALS)
        return anew

    def _gradient_is_broken(self) -> bool:
        """Whether NaN or Inf has come out of the network, or back to its first layer."""
        return not all(np.isfinite(one).all() for one in (self._offsets[-1], self._offsets[0]))

    def _notice(self, notice: Text) -> None:
        if notice not in self.notices:
            self.notices += (notice,)


def _norm(array: Floats) -> float:
    return float(np.linalg.norm(array))
