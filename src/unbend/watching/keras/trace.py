"""One pass of a probe through a Keras model, in which every activation is seen however it is called.

The functions that Keras calls for them are replaced during this pass alone, and only for the thread that runs it.
"""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from threading import RLock, get_ident
from typing import Any

import keras
from keras import ops
from keras.src import backend as backend_module
from keras.src.layers.layer import Layer

from unbend.activations import Activation
from unbend.watching.keras.backends import Backend, Tap
from unbend.watching.keras.functions import CELL_GATES, CELLS, GATES, known, symbols
from unbend.watching.keras.places import way
from unbend.watching.measure import Role
from unbend.watching.probing import ELEMENTS, FEWEST_ROWS, is_kept

Function = Callable[[Any], Any]
PLAIN = ("Dense", "Conv1D", "Conv2D", "Conv3D")
NO_KERNEL = ("Embedding", "PReLU")
REPLACING = RLock()  # two threads that took turns in it would leave a function of one of them behind


@dataclass(eq=False)
class Site:
    """An activation at one place: all its calls there with the same weights before it, by their numbers.

    ``plain``: one linear ``layer`` (variables of weight and bias), and nothing else, lies before it.
    """

    path: str
    name: str
    function: Function
    weight: str | None
    role: Role
    known: Activation | None
    plain: bool
    layer: tuple[Any, Any] | None
    is_layer: bool
    like: tuple[Any, Any]
    calls: list[int] = field(default_factory=list[int])
    last: tuple[Any, int, bool] | None = None
    """While the model runs: the output of its last call, the axis of its units, whether positions are told apart."""

    @property
    def title(self) -> str:
        """The layer, if it is there for the activation alone, else the layer and the function."""
        return self.path if self.is_layer else f"{self.path}/{self.name}".lstrip("/")


@dataclass(eq=False)
class Frame:
    """A layer that is being called, its first input, and how many activations it called itself."""

    layer: Any
    first: Any
    count: int = 0


class Trace:
    """The sites of one forward pass, in the order of their first calls; run the model inside `watching`.

    ``kept``: for each call (peak (H,), z, f(z), f′(z) (m, H)) with None for rows that were not kept.
    """

    def __init__(self, model: Any, backend: Backend, tap: Tap, whole: set[int]) -> None:
        """Look at ``model``; ``whole`` are the ids of layers and functions that are activations of the user's own."""
        self.sites: dict[tuple[str, str, str | None], Site] = {}
        self.kept: list[tuple[Any, Any, Any, Any]] = []
        self.is_blind = False
        self.way: list[Any] | None = None
        self._embedded: Any = None
        self._model, self._backend, self._tap, self._whole = model, backend, tap, whole
        self._made: list[tuple[Any, Any, Site]] = []
        self._stack: list[Frame] = []
        self._axis, self._weight, self._has_positions = -1, None, False
        self._linear: tuple[Any, Any, Any, Any] | None = None  # layer, input, output, (weight, bias)
        self._resting = False
        self._thread, self._level = get_ident(), backend.level()

    @contextmanager
    def watching(self) -> Generator[None]:
        """See every call inside, and know in which layer it happens."""
        with ExitStack() as stack:
            stack.enter_context(REPLACING)
            for owner, attribute, name in symbols():
                stack.enter_context(_replaced(owner, attribute, partial(self._symbol, name)))
            for layer in self._model._flatten_layers():
                for attribute, function in own_activations(layer):
                    if id(function) in self._whole:
                        seen = partial(self._symbol, _name_of(function), function)
                        stack.callback(vars(layer).__setitem__, attribute, function)
                        vars(layer)[attribute] = seen
            stack.enter_context(_replaced(backend_module.numpy, "multiply", self._multiplied))
            stack.enter_context(_replaced(Layer, "__call__", self._called))
            yield

    def finish(self, outputs: list[Any]) -> None:
        """Mark the activations that are the model's own output, whose shape is the task's affair; find the `way`."""
        for _, h, site in self._made:
            if site.role == "hidden" and any(one is h for one in outputs):
                site.role = "output"
        hidden = [site.last for site in self.hidden if site.last is not None]
        self.way = way(hidden, self._embedded, outputs)
        for site in self.sites.values():
            site.last = None
        self._made, self._linear, self._embedded = [], None, None

    @property
    def hidden(self) -> list[Site]:
        """The sites that are neither gates nor the output."""
        return [site for site in self.sites.values() if site.role == "hidden"]

    def _is_elsewhere(self) -> bool:
        return self._resting or get_ident() != self._thread

    def _symbol(self, name: str, original: Function, z: Any, *args: Any, **kwargs: Any) -> Any:
        if self._is_elsewhere() or not _is_signal(z):
            return original(z, *args, **kwargs)
        if self._backend.level() != self._level:
            self.is_blind = True
            return original(z, *args, **kwargs)
        return self._activated(name, lambda one: original(one, *args, **kwargs), z, known(name, args, kwargs))

    def _activated(self, name: str, function: Function, z: Any, kind: Activation | None) -> Any:
        self._resting = True
        try:
            h = function(z)
            if tuple(h.shape) != tuple(z.shape):
                return h
            site = self._site(name, function, z, kind)
            self._keep(site, z, h)
        finally:
            self._resting = False
        h = self._tap(len(self.kept) - 1, h)
        self._made.append((z, h, site))
        site.last = h, self._axis if len(h.shape) >= 3 else -1, self._has_positions or len(h.shape) > 3
        return h

    def _site(self, name: str, function: Function, z: Any, kind: Activation | None) -> Site:
        """The site of this place, function and weights: the one there is, or a new one."""
        frame = self._stack[-1] if self._stack else None
        layer = None if frame is None else frame.layer
        words = CELLS.get(type(layer).__name__, ())
        role: Role = "hidden"
        if frame is not None and frame.count < len(words):
            name = words[frame.count]
            role = "gate" if name in CELL_GATES else "hidden"
        if frame is not None:
            frame.count += 1
        path, linear = self._path(layer), self._linear
        new = Site(
            path, name, function, self._weight, role, kind, self._is_plain(z), None if linear is None else linear[3],
            bool(path) and layer is not None and not layer._layers and not kernels(layer),
            (tuple(z.shape), z.dtype),
        )  # fmt: skip
        self._linear = None
        return self.sites.setdefault((path, name, self._weight), new)

    def _is_plain(self, z: Any) -> bool:
        if self._linear is None:
            return False
        layer, first, output, _ = self._linear
        follows = output is z if output is not None else bool(self._stack) and self._stack[-1].layer is layer
        return follows and (not self._made or self._made[-1][1] is first)

    def _keep(self, site: Site, z: Any, h: Any) -> None:
        count = len(site.calls)
        site.calls.append(len(self.kept))
        peak = ops.max(ops.abs(self._by_unit(h)), axis=0)
        if is_kept(count):
            slope = self._backend.slope(site.function, z)
            self.kept.append((peak, self._rows(z), self._rows(h), self._rows(slope)))
        else:
            self.kept.append((peak, None, None, None))

    def _by_unit(self, tensor: Any) -> Any:
        """(rows, H)."""
        axis = self._axis if len(tensor.shape) >= 3 else -1
        tensor = ops.moveaxis(tensor, axis, -1) if axis != -1 else tensor
        return ops.cast(ops.reshape(tensor, (-1, tensor.shape[-1])), "float32")

    def _rows(self, tensor: Any) -> Any:
        """(m, H) evenly spread rows."""
        rows = self._by_unit(tensor)
        most = max(FEWEST_ROWS, ELEMENTS // max(1, int(rows.shape[1])))
        return rows[:: max(1, -(-int(rows.shape[0]) // most))]

    def _path(self, layer: Any) -> str:
        if layer is None or layer is self._model:
            return ""
        return str(layer.path or layer.name).removeprefix(f"{self._model.name}/")

    def _called(self, original: Callable[..., Any], layer: Any, *args: Any, **kwargs: Any) -> Any:
        if self._is_elsewhere():
            return original(layer, *args, **kwargs)
        if len(args) < 2 and _is_quiet(layer):
            kwargs["training"] = False
        first = args[0] if args else None
        if id(layer) in self._whole and _is_signal(first):
            self._stack.append(Frame(layer, first))
            try:
                name = "prelu" if isinstance(layer, keras.layers.PReLU) else type(layer).__name__
                return self._activated(name, lambda z: original(layer, z, **kwargs), first, None)
            finally:
                self._stack.pop()
        own = kernels(layer)
        if own:
            self._enter(layer, first, own)
        self._stack.append(Frame(layer, first))
        try:
            output = original(layer, *args, **kwargs)
        finally:
            self._stack.pop()
        if self._embedded is None and isinstance(layer, keras.layers.Embedding):
            self._embedded = output
        if self._linear is not None and self._linear[0] is layer:
            self._linear = (layer, first, output, self._linear[3])
        if isinstance(layer, keras.layers.Multiply) and isinstance(first, list | tuple):
            self._gate(first)
        return output

    def _enter(self, layer: Any, first: Any, own: list[Any]) -> None:
        """A layer with weights: they are those of the next activation, and say which axis its units are."""
        weight = next((one for one in own if "recurrent" in one.name), own[0])
        self._weight = weight_name(self._model, weight)
        self._has_positions = "Conv" in type(layer).__name__
        self._axis = 1 if getattr(layer, "data_format", None) == "channels_first" else -1
        alone = self._linear is None and type(layer).__name__ in PLAIN
        self._linear = (layer, first, None, (weight, getattr(layer, "bias", None))) if alone else None

    def _multiplied(self, original: Callable[..., Any], a: Any, b: Any) -> Any:
        if not self._is_elsewhere():
            self._gate((a, b))
        return original(a, b)

    def _gate(self, factors: Any) -> None:
        """A sigmoid times anything but its own input is a gate."""
        for one in factors:
            for z, h, site in self._made:
                if h is one and site.name in GATES and not any(other is z for other in factors):
                    site.role = "gate"


def _is_quiet(layer: Any) -> bool:
    """Whether a layer runs as in inference: dropout and other noise; not containers, nor those of batch statistics."""
    leaf = not layer._layers and not isinstance(layer, keras.layers.BatchNormalization)
    return leaf and getattr(layer, "_call_has_training_arg", False)


def kernels(layer: Any) -> list[Any]:
    """A layer's own weight arrays of two and more axes."""
    if type(layer).__name__ in NO_KERNEL:
        return []
    return [one for one in layer._trainable_variables + layer._non_trainable_variables if len(one.shape) > 1]


def weight_name(model: Any, variable: Any) -> str:
    """A variable's path within the model."""
    return str(variable.path).removeprefix(f"{model.name}/")


def own_activations(layer: Any) -> list[tuple[str, Any]]:
    """Functions in a layer's attributes that are its activations, and none of Keras's."""
    return [
        (key, value)
        for key, value in vars(layer).items()
        if key.endswith("activation") and callable(value) and not isinstance(value, Layer)
        and not str(getattr(value, "__module__", "")).startswith("keras.")
    ]  # fmt: skip


def _name_of(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__)).strip("<>")


def _is_signal(z: Any) -> bool:
    """Whether a tensor may come from the input: not a variable, nor an input to be."""
    if isinstance(z, keras.Variable | keras.KerasTensor) or not keras.ops.is_tensor(z):
        return False
    return len(z.shape) >= 2 and keras.backend.is_float_dtype(keras.backend.standardize_dtype(z.dtype))


@contextmanager
def _replaced(owner: Any, attribute: str, function: Callable[..., Any]) -> Generator[None]:
    """``function(original, …)`` in place of an attribute."""
    before = vars(owner)[attribute] if attribute in vars(owner) else getattr(owner, attribute)
    original = getattr(owner, attribute)

    @wraps(original)
    def called(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    setattr(owner, attribute, staticmethod(called) if isinstance(before, staticmethod) else called)
    try:
        yield
    finally:
        setattr(owner, attribute, before)
