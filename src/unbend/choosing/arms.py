"""What is compared: an activation in an architecture with its way to start."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from unbend.activations import activation
from unbend.data.dataset import Task
from unbend.errors import UnbendError
from unbend.network import Network, exact_gain, initializer
from unbend.network.network import Link

Gain = float | str | None
LINKS: dict[Task, Link] = {"binary": "sigmoid", "multiclass": "softmax", "regression": "identity"}


@dataclass(frozen=True)
class Arm:
    """One competitor: ``activation`` (a name or formula) in ``hidden`` layers; twin k draws seeds of its own.

    ``rates``: its own learning rates, past whose edge nothing is searched; None for those of the protocol.
    """

    name: str
    activation: str
    hidden: tuple[int, ...]
    initializer: str
    gain: Gain
    twin: int = 0
    rates: tuple[float, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; the activation as its formula too, so that a changed catalogue is noticed.

        >>> Arm("relu", "relu", (8,), "lecun_normal", None).to_dict()["formula"]
        'max(x, 0)'
        """
        found = activation(self.activation)
        return asdict(self) | {"formula": found.formula, "parameters": dict(found.parameters)}

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> "Arm":
        """The arm that `to_dict` told of."""
        own: dict[str, Any] = {name: said[name] for name in cls.__dataclass_fields__}
        own["hidden"] = tuple(said["hidden"])
        own["rates"] = None if said["rates"] is None else tuple(said["rates"])
        return cls(**own)

    def network(self, inputs: int, outputs: int, task: Task) -> Network:
        """The network of this arm for so many inputs and outputs."""
        own = activation(self.activation)
        widths = (inputs, *self.hidden, outputs)
        return Network(widths, (own,) * len(self.hidden), LINKS[task], self.initializer, self.gain)  # pyright: ignore[reportArgumentType]


def arms(
    activations: Sequence[Any],
    hidden: Iterable[Sequence[int]] = ((32,),),
    init: Sequence[str] = ("auto",),
    control: bool = False,
) -> tuple[Arm, ...]:
    """The product of activations (names, formulas, callables), architectures and initialisers.

    ``init="auto"`` starts every activation with the variance-preserving gain computed from its own formula (LeCun's
    normal distribution with the exact gain; plain LeCun where the gain does not exist). ``control`` adds a twin of the
    first arm that differs in its seeds alone. Raises `UnbendError` for unknown names and for arms given twice.

    >>> [arm.name for arm in arms(["relu", "tanh"], hidden=[(8,), (8, 8)])]
    ['relu 8', 'relu 8-8', 'tanh 8', 'tanh 8-8']
    """
    shapes = [_widths(widths) for widths in hidden]
    found = [
        Arm(_name(spec, widths, start, len(shapes) > 1, len(init) > 1), _text(spec), widths, *_start(start, spec))
        for spec in activations
        for widths in shapes
        for start in init
    ]
    if not found:
        raise UnbendError("there is nothing to compare; name at least one activation")
    _refuse_twice(found)
    if control:
        first = found[0]
        found.append(Arm(f"{first.name} (twin)", first.activation, first.hidden, first.initializer, first.gain, 1))
    return tuple(found)


def is_whole(value: object) -> bool:
    """Whether a value is a whole number, of Python or of NumPy.

    >>> is_whole(np.int64(3)), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _widths(widths: Any) -> tuple[int, ...]:
    """The widths of an architecture; `UnbendError` for what is no list of whole numbers of 1 and more."""
    listed: list[Any] = list(widths) if isinstance(widths, Iterable) and not isinstance(widths, str) else [None]
    if not all(is_whole(width) and width >= 1 for width in listed):
        raise UnbendError(f"hidden layers {widths!r:.60} must be whole numbers of 1 and more, such as (32,) or (8, 8)")
    return tuple(int(width) for width in listed)


def _text(spec: Any) -> str:
    return spec if isinstance(spec, str) else activation(spec).formula


def _name(spec: Any, widths: tuple[int, ...], start: str, with_widths: bool, with_start: bool) -> str:
    shape = "-".join(str(width) for width in widths) or "linear"
    parts = [spec if isinstance(spec, str) else activation(spec).name]
    return " ".join([*parts, *([shape] if with_widths else []), *([start] if with_start else [])])


def _start(start: str, spec: Any) -> tuple[str, Gain]:
    """Initialiser and gain that the word of ``init`` stands for."""
    own = activation(spec)
    if start != "auto":
        initializer(start)
        return start, None
    try:
        exact_gain(own)
    except UnbendError:
        return "lecun_normal", None
    return "lecun_normal", "exact"


def _refuse_twice(found: list[Arm]) -> None:
    names = [arm.name for arm in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnbendError(f"{', '.join(twice)} would be compared with itself; name every arm once")
