"""Watching a Keras 3 model on any backend: the probe is sent through it between steps, and leaves no trace."""

from collections.abc import Callable
from functools import partial
from math import isfinite
from time import perf_counter
from typing import Any

import keras
import numpy as np
from keras import ops

from unbend.errors import UnbendError
from unbend.text import Text
from unbend.watching.history import Sample
from unbend.watching.keras.backends import Tap, backend_in_use, to_numpy
from unbend.watching.keras.places import places
from unbend.watching.keras.probe import checked_probe, first_rows, refused
from unbend.watching.keras.stack import stack_of
from unbend.watching.keras.state import current, undisturbed
from unbend.watching.keras.steps import Steps, peeked
from unbend.watching.keras.trace import Site, Trace, kernels, weight_name
from unbend.watching.keras.whole import whole_activations
from unbend.watching.measure import ZERO, Response, WeightMeasure, measure, update_ratio
from unbend.watching.places import Placing
from unbend.watching.probing import SEED, SIGNS, named, nan_told, nothing_to_watch, score_weights, usual_inputs
from unbend.watching.stack import Stack
from unbend.watching.theory import StackLayer, Theory, theory
from unbend.watching.watch import Begin

End = Callable[[], None]
Kept = list[tuple[Any, Any, Any, Any]]
NAN = float("nan")


class KerasModel:
    """A Keras model, its probe, and the function around the steps of its training."""

    active = True

    def __init__(self, model: Any, probe: Any) -> None:
        """Check the model and the probe by running it; `UnbendError` says what does not fit."""
        if not hasattr(keras, "ops"):
            raise UnbendError(f"Keras {keras.__version__} cannot be watched; pip install 'keras>=3'")
        if not isinstance(model, keras.Model):
            raise UnbendError(f"a {type(model).__name__} is no Keras model; put the layer into keras.Sequential([…])")
        self.model: Any = model
        self.theory: Theory | None = None
        self._backend = backend_in_use()
        self.notices: tuple[Text, ...] = ()
        self.steps = Steps(model, self._around)
        self.waits_for_callback = False
        self.look_seconds: float | None = None
        self._run_seconds = 0.0
        self._inputs = None if probe is None else checked_probe(probe)
        self._look: Callable[..., Any] | None = None
        self._trace: Trace | None = None
        self._variables: list[Any] = []
        self._state: Any = None
        self._small: tuple[int, Any] | None = None
        self._usual: dict[tuple[str, str], float] = {}
        self._before: dict[int, Any] = {}
        self._way: list[Any] | None = None
        self._placing = Placing()
        self._ready: tuple[Kept, list[Any]] | None = None
        self._begin: Begin = lambda is_broken, anew=False: None
        self._end: End = lambda: None
        self._count = self._sound = 0
        self._is_prepared = self._is_late = False
        if self.ready:
            self._check()

    @property
    def ready(self) -> bool:
        """Whether there is a probe, and weights."""
        return self._inputs is not None and self._is_built()

    def probe_fault(self) -> str | None:
        """How many NaN it holds."""
        return nan_told(keras.tree.flatten(self._inputs))

    def attach(self, begin: Begin, end: End) -> None:
        """Call ``begin`` before and ``end`` after every step of `fit` and `train_on_batch`."""
        self._begin, self._end = begin, end
        if getattr(self.model, "steps_per_execution", 1) not in (None, 1) and SEVERAL_STEPS not in self.notices:
            self.notices += (SEVERAL_STEPS,)
        if not self.waits_for_callback:
            self.steps.follow()

    def detach(self) -> None:
        """Take the function around the steps away again."""
        self.steps.release()
        self._before, self._state, self._small, self._is_prepared = {}, None, None, False

    def prepare(self) -> None:
        """Remember the weights before an update."""
        values = self._values()
        self._before = {id(one): self._backend.copy(values[id(one)]) for one in self._weight_arrays()}
        self._is_prepared = True

    def sample(self, step: int) -> Sample:
        """What the probe and the weights say now."""
        if self._look is None:
            self._check()
        begun = perf_counter()
        weights = self._measured_weights()
        kept, gradients = self._ready or self._run()
        self._ready = None
        assert self._trace is not None
        layers = [measure(self._response(site, name, kept, gradients)) for name, site in self._named()]
        hidden = [name for name, site in self._named() if site.role == "hidden"]
        way = places(self._placing, self._inputs, hidden, self._way)
        if self.look_seconds is None:
            self.look_seconds = self._run_seconds + perf_counter() - begun
        if self._is_late:  # what was found at the beginning of a step had happened in the step before
            self._is_late = False
            small = self._small_variable()[1]
            weights += (self._weight(small, self._values()[id(small)]),)
            return Sample(step - 1, tuple(layers), weights, self._sound)
        return Sample(step, tuple(layers), weights, places=way)

    def stack(self) -> Stack:
        """The model as a plain stack of layers, with the weights it has now."""
        values = self._values()
        return stack_of(self.model, lambda variable: _numpy(values.get(id(variable), variable)))

    def _around(self, step: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """One step of training, seen."""
        if self._inputs is None:
            batch, args = peeked(self._backend.name, args, int(self.model.steps_per_execution or 1))
            self._inputs = first_rows(batch)
        is_jax = self._backend.name == "jax"
        self._state = args[0] if is_jax else None
        self._begin(self._is_broken)
        self._count += 1
        try:
            result = step(*args)
            if self._is_prepared:  # what training still computes is no time of watching
                self._backend.settle(result)
            self._state = result[1] if is_jax else None
            self._end()
        finally:
            self._state, self._is_prepared = None, False
        return result

    def _is_broken(self) -> bool:
        """Whether NaN or Inf is in one small weight near the output, if its numbers are there already."""
        place, small = self._small_variable()
        if small is None:
            return False
        value = small.value if self._state is None else self._state[0][place]
        if not self._backend.is_settled(value):
            return False
        self._is_late = not isfinite(float(_numpy(value).sum()))
        if not self._is_late:
            self._sound = self._count
        return self._is_late

    def _small_variable(self) -> tuple[int, Any]:
        """The last one that is trained and quickly summed, and its place among them; looked for once."""
        if self._small is None:
            found = [(place, one) for place, one in enumerate(self.model.trainable_variables) if _size(one) <= SIGNS]
            self._small = found[-1] if found else (0, None)
        return self._small

    def _is_built(self) -> bool:
        layers = self.model._flatten_layers()
        return self.model.built and (self._count > 0 or all(layer.built for layer in layers))

    def _check(self) -> None:
        """A model without activations, or one that is not the same twice, is told about before training starts."""
        if self._inputs is None:
            raise UnbendError(f"{type(self.model).__name__} has no probe yet; give one: ub.watch(model, X[:256])")
        if not self.model.built:
            raise UnbendError(f"{type(self.model).__name__} has no weights yet; call it once, or model.build(shape)")
        self._variables = [variable for variable, _ in current(self.model, self._state)]
        self._whole = whole_activations(self.model, self._backend.name)
        self._ready = self._first_run()
        assert self._trace is not None
        if not self._trace.sites:
            raise nothing_to_watch(self.model)
        if self._trace.is_blind:
            self.notices += (BLIND,)
        self.theory = self._theory(*self._ready)
        self._compare(self._ready[0])

    def _compare(self, first: Kept) -> None:
        """The same run with other random numbers, and with the same ones."""
        begun = perf_counter()
        drawing = self._difference(first, self._run(1)[0])
        self._run_seconds = perf_counter() - begun
        if drawing is None:
            return
        changing = self._difference(first, self._run()[0])
        if changing is not None:
            raise UnbendError(
                f"activation {changing!r} answers the same probe differently each time, with the same random state; "
                "what it sees changes by itself, so put that outside the model"
            )
        self.notices += (_drawing(drawing),)

    def _difference(self, one: Kept, other: Kept) -> str | None:
        """The first activation whose pre-activations differ."""
        for name, site in self._named():
            mine, theirs = (_numpy(kept[site.calls[0]][1]) for kept in (one, other))
            if not np.allclose(mine, theirs, 1e-3, 1e-5, equal_nan=True):
                return name
        return None

    def _first_run(self) -> tuple[Kept, list[Any]]:
        def plain(values: list[Any], inputs: Any, seed: Any) -> tuple[Any, list[Any]]:
            return self._backend.pulled(partial(self._forward, values, inputs, seed))

        for look in (*self._compiled(plain), plain):
            try:
                self._look = look
                return self._run()
            except Exception as error:  # what asks for numbers while it runs cannot be compiled
                if look is plain:
                    raise refused(self.model, self._inputs, error) from None
        raise AssertionError

    def _compiled(self, plain: Callable[..., Any]) -> list[Callable[..., Any]]:
        """The compiled form of a look; many time steps take longer to compile than they ever save."""
        recurrent = any(isinstance(layer, keras.layers.RNN) for layer in self.model._flatten_layers())
        return [] if recurrent else [self._backend.compiled(plain)]

    def _run(self, seed: int = 0) -> tuple[Kept, list[Any]]:
        """Send the probe through the model and a random score's gradient back."""
        assert self._look is not None
        inputs = keras.tree.map_structure(ops.convert_to_tensor, self._inputs)
        values = [value for _, value in current(self.model, self._state)] if self._backend.name == "jax" else []
        with undisturbed(self.model, self._backend.name, SEED + seed):
            seeds = ops.convert_to_tensor([SEED + seed, 0], dtype="uint32")
            (kept, self._way), gradients = self._look(values, inputs, seeds)
        return kept, gradients

    def _forward(self, values: list[Any], inputs: Any, seed: Any, tap: Tap) -> tuple[Any, Any]:
        """The score of the outputs; what was kept of every call of an activation, and of the way of the probe."""
        mapping = list(zip(self._variables, values, strict=True)) if values else []
        mapping += [(one, ops.cast(seed, one.dtype)) for one in self._variables if one.name == "seed_generator_state"]
        trace = self._trace = Trace(self.model, self._backend, tap, self._whole)
        kwargs = {"training": True} if self.model._call_has_training_arg else {}
        with keras.StatelessScope(mapping, initialize_variables=False), trace.watching():
            output = self.model(inputs, **kwargs)
        outputs = [one for one in keras.tree.flatten(output) if keras.backend.is_float_dtype(str_dtype(one))]
        trace.finish(outputs)
        score: Any = ops.zeros(())
        for one in outputs:
            score = score + ops.sum(ops.cast(one, "float32") * _signs(one))
        return score, (trace.kept, trace.way)

    def _named(self) -> list[tuple[str, Site]]:
        assert self._trace is not None
        return list(named(self._trace.sites.values()))

    def _response(self, site: Site, name: str, kept: Kept, gradients: list[Any]) -> Response:
        calls = [kept[call] for call in site.calls]
        peak = np.max([_numpy(one[0]) for one in calls], axis=0)
        z, h, slope = (np.concatenate([_numpy(one[part]) for one in calls if one[1] is not None]) for part in (1, 2, 3))
        norms = [NAN if gradients[call] is None else float(gradients[call]) for call in site.calls]
        return Response(
            name, site.known.name if site.known else site.name, z, h, slope, peak <= ZERO, np.array(norms),
            bool(np.isfinite(peak).all() and np.isfinite(z).all()), site.role, site.weight, site.known,
            self._usual_saturated(site),
        )  # fmt: skip

    def _usual_saturated(self, site: Site) -> float:
        """The share of slopes below 0.01 for standard normal input."""
        from unbend.diagnosis.units import FLAT

        key = (site.path, site.name)
        if key not in self._usual:
            if site.known is not None:
                slope = site.known.gradient(usual_inputs())
            else:
                shape, dtype = site.like
                z = ops.convert_to_tensor(np.resize(usual_inputs(), shape), keras.backend.standardize_dtype(dtype))
                with undisturbed(self.model, self._backend.name, SEED), self._read_only():
                    slope = _numpy(self._backend.slope(site.function, z))
            self._usual[key] = float((np.abs(slope) < FLAT).mean())
        return self._usual[key]

    def _read_only(self) -> Any:
        return keras.StatelessScope(current(self.model, self._state), initialize_variables=False)

    def _theory(self, kept: Kept, gradients: list[Any]) -> Theory | None:
        assert self._trace is not None
        hidden = [site for site in self._trace.sites.values() if site.role != "output"]
        if not all(site.plain and site.known and site.layer and len(site.calls) == 1 for site in hidden):
            return None
        values = self._values()
        return theory([_stack_layer(site, values, kept, gradients) for site in hidden])

    def _values(self) -> dict[int, Any]:
        return {id(variable): value for variable, value in current(self.model, self._state)}

    def _weight_arrays(self) -> list[Any]:
        own = {id(one) for layer in self.model._flatten_layers() for one in kernels(layer)}
        return [one for one in self.model.trainable_variables if id(one) in own or len(one.shape) > 1]

    def _measured_weights(self) -> tuple[WeightMeasure, ...]:
        values = self._values()
        found = tuple(self._weight(one, values[id(one)]) for one in self._weight_arrays())
        self._before = {}
        return found

    def _weight(self, variable: Any, value: Any) -> WeightMeasure:
        now = _numpy(value)
        norm, gradient, update = _norm(now), NAN, NAN
        given = getattr(value, "grad", None) if self._backend.name == "torch" else None
        if given is not None:
            gradient = _norm(_numpy(given))
        before = self._before.get(id(variable))
        if before is not None:
            before = _numpy(before)
            update = update_ratio(_norm(before), _norm(now - before))
        sound = isfinite(norm) and (given is None or isfinite(gradient))
        return WeightMeasure(weight_name(self.model, variable), norm, gradient, update, sound)


def str_dtype(tensor: Any) -> str:
    """The name of a tensor's type of numbers."""
    return keras.backend.standardize_dtype(tensor.dtype)


def _numpy(tensor: Any) -> Any:
    return tensor if isinstance(tensor, np.ndarray) else to_numpy(ops.cast(tensor, "float32"))


def _size(variable: Any) -> int:
    return int(np.prod(variable.shape))


def _norm(array: Any) -> float:
    return float(np.linalg.norm(array.ravel()))


def _signs(output: Any) -> Any:
    """The weights of the score of the outputs."""
    count = int(np.prod(output.shape))
    return ops.convert_to_tensor(score_weights(count).reshape(output.shape).astype("float32"))


def _stack_layer(site: Site, values: dict[int, Any], kept: Kept, gradients: list[Any]) -> StackLayer:
    assert site.known is not None and site.layer is not None
    weight, bias = (None if one is None else _numpy(values[id(one)]) for one in site.layer)
    assert weight is not None
    call = site.calls[0]
    return StackLayer(
        site.known, float(np.square(weight).sum()) / weight.shape[-1],
        0.0 if bias is None else float(np.square(bias).mean()), float(np.square(_numpy(kept[call][1])).mean()),
        NAN if gradients[call] is None else float(gradients[call]),
    )  # fmt: skip


SEVERAL_STEPS = Text(
    zh="模型用了 steps_per_execution：一次执行包含多次更新，这里记为一步。",
    en="The model was compiled with steps_per_execution: several updates at a time are one step here.",
)
BLIND = Text(
    zh="有的激活函数在循环、分支或单独编译的函数（ops.scan、ops.cond、jax.jit、tf.function）里调用，看不到。",
    en="Some activation is called inside a loop, a branch or a function compiled apart (ops.scan, ops.cond, jax.jit, "
    "tf.function), where it is not seen.",
)


def _drawing(name: str) -> Text:
    return Text(
        zh=f"在激活 {name} 之前，模型在推断时也会取随机数；探针每次用同样的随机数。",
        en=f"Before activation {name} the model draws random numbers in inference too; the probe always gets the same "
        "ones.",
    )
