"""The way of a watched model's probe through its layers, step by step: what is to be drawn, computed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.geometry.readout import Readout, balanced, class_targets, explained, read_out, told_apart

if TYPE_CHECKING:
    from unbend.watching import Sample, Watch
    from unbend.watching.places import Place, Places

Array = NDArray[np.float64]
MOST_CLASSES = 20  # of whole numbers; more are values
MOST_ANSWERS = 10  # of a model's own; where it gives more, they are no classes
MOST_PICTURES = 160  # of a film; each shows up to ten panels
RANGES = 7  # of values that differ in colour


@dataclass(frozen=True, eq=False)
class Coloring:
    """What the rows of the probe are: ``groups`` (n,) 0, 1, … with their ``names``, and the ``values`` (n,), of which
    the groups are ranges; None for classes. ``given``: by labels, else they are the model's own final answers."""

    groups: NDArray[np.int64]
    names: tuple[str, ...]
    values: Array | None
    given: bool

    @property
    def targets(self) -> Array:
        """What is read out, (n, 1) or (n, 2)."""
        if self.values is None:
            return class_targets(self.groups)
        return ((self.values - self.values.mean()) / (self.values.std() or 1.0))[:, None]

    @property
    def guessing(self) -> float:
        """What a read-out scores that knows nothing."""
        return 1.0 / len(self.names) if self.values is None else 0.0


@dataclass(frozen=True, eq=False)
class Moment:
    """One step: for each layer what is seen (n, 2), the share of variance that is shown, and the score."""

    step: int
    seen: tuple[Array, ...]
    shares: tuple[float, ...]
    scores: Array


@dataclass(frozen=True, eq=False)
class Path:
    """All moments of a ``model`` in the order of its training, ``last`` its last step; ``names`` are those of the
    layers, the input first; ``followed`` are rows of one input of each group; ``first`` the scores at the start."""

    model: str
    count: int
    last: int
    names: tuple[str, ...]
    coloring: Coloring
    moments: tuple[Moment, ...]
    followed: NDArray[np.int64]
    first: Array


def path_of(watch: "Watch", labels: Any, steps: Sequence[int] | None = None) -> Path:
    """The path at all sampled steps, thinned evenly to 160 of them, or at the ``steps`` given (-1 is the last).

    Raises `UnbendError` where there is nothing to show, for labels that do not fit, and for a step without a sample.
    """
    samples = _sound(watch)
    places = _places(samples[-1])
    coloring = _own(places) if labels is None else _given(labels, places)
    wanted = samples if steps is None else [_at(samples, step) for step in steps]
    if len(wanted) > MOST_PICTURES:
        wanted = [wanted[at] for at in np.linspace(0, len(wanted) - 1, MOST_PICTURES).round().astype(int)]
    shared = [place.name for place in places.layers if all(place.name in _by_name(one) for one in samples)]
    start = [_score(_find(samples[0], name), coloring) for name in shared]
    return Path(
        watch.name, places.count, samples[-1].step, tuple(_title(name, samples[-1]) for name in shared), coloring,
        _moments(samples[-1], wanted, shared, coloring), _followed(samples[-1], coloring), np.array(start),
    )  # fmt: skip


def _title(name: str, sample: "Sample") -> str:
    """A layer by its place in the model, and its activation where the place does not say it."""
    activation = next((layer.activation for layer in sample.layers if layer.name == name), "")
    return name if activation in name else f"{name} {activation}"


def _sound(watch: "Watch") -> "list[Sample]":
    """The samples with a place for every layer, all finite."""
    samples = watch.history.samples
    if not samples:
        raise UnbendError(f"the watch of {watch.name} has no samples yet; train inside `with` first")
    placed = [one for one in samples if one.places is not None]
    if not placed:
        raise UnbendError(
            f"no path of {watch.name} can be shown: its output does not hold one row for each input of the probe; "
            "watch a model that answers each input"
        )
    sound = [one for one in placed if all(np.isfinite(place.kept) for place in _places(one).layers)]
    if not sound:
        raise UnbendError(f"no path of {watch.name} can be shown: NaN or Inf is in every sample; see w.summary()")
    return sound


def _places(sample: "Sample") -> "Places":
    assert sample.places is not None
    return sample.places


def _find(sample: "Sample", name: str) -> "Place":
    return _by_name(sample)[name]


def _by_name(sample: "Sample") -> "dict[str, Place]":
    return {place.name: place for place in _places(sample).layers}


def _at(samples: "list[Sample]", step: int) -> "Sample":
    if step == -1:
        return samples[-1]
    found = next((one for one in samples if one.step == step), None)
    if found is None:
        near = sorted(samples, key=lambda one: abs(one.step - step))[:2]
        steps = " and ".join(str(one.step) for one in sorted(near, key=lambda one: one.step))
        raise UnbendError(f"step {step} was not sampled; near it are {steps}, and -1 is the last")
    return found


def _given(labels: Any, places: "Places") -> Coloring:
    """Colours by labels (count,) of the whole probe."""
    given = np.asarray(labels.detach().cpu() if hasattr(labels, "detach") else labels)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    if given.shape != (places.count,):
        raise UnbendError(
            f"labels of shape {given.shape} do not fit the {places.count} inputs of the probe; give one each (without "
            "a probe of your own it is the first batch)"
        )
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        bad = np.flatnonzero(~np.isfinite(given))
        raise UnbendError(f"labels[{bad[0]}] is {given[bad[0]]}; every input of the probe needs a finite label")
    chosen = given[places.rows] if given.dtype.kind != "O" else given[places.rows].astype(str)
    kinds = np.unique(chosen)
    numeric = chosen.dtype.kind in "fiu"
    if numeric and (len(kinds) > MOST_CLASSES or (kinds != np.round(kinds)).any()):
        return _by_value(chosen.astype(np.float64), True)
    if len(kinds) < 2:
        raise UnbendError(f"all labels are {kinds[0]}; a path needs inputs of two classes at least")
    names = tuple(f"{kind:g}" if numeric else str(kind) for kind in kinds)
    return Coloring(np.searchsorted(kinds, chosen), names, None, True)


def _own(places: "Places") -> Coloring:
    """Colours by what the model itself says in the end."""
    kinds = np.unique(places.answers)
    if 2 <= len(kinds) <= MOST_ANSWERS:
        return Coloring(np.searchsorted(kinds, places.answers), tuple(str(kind) for kind in kinds), None, False)
    output = places.layers[-1].points.astype(np.float64)
    if output.shape[1] > 1:
        output = output @ np.linalg.eigh(output.T @ output)[1][:, -1:]
    return _by_value(output[:, 0], False)


def _by_value(values: Array, given: bool) -> Coloring:
    edges = np.quantile(values, np.linspace(0.0, 1.0, RANGES + 1)[1:-1])
    return Coloring(np.searchsorted(edges, values), ("",) * RANGES, values, given)


def _moments(last: "Sample", wanted: "list[Sample]", names: list[str], coloring: Coloring) -> tuple[Moment, ...]:
    """Backwards from the last sample, so that each view can follow the one after it."""
    weights = balanced(coloring.groups) if coloring.values is None else None
    after: dict[str, Array] = {}
    beside: Array | None = None
    for name in names:  # the second axis of each layer points the way of the one before
        first = read_out(_find(last, name).points, coloring.targets, weights)
        turned = first.seen * ([1.0, -1.0] if beside is not None and beside @ first.seen[:, 1] < 0 else [1.0, 1.0])
        after[name], beside = turned, turned[:, 1]
    moments: list[Moment] = []
    for sample in reversed(wanted):
        shown: list[Readout] = []
        for name in names:
            found = read_out(_find(sample, name).points, coloring.targets, weights, after[name])
            after[name] = found.seen if found.seen[:, 1].any() else after[name]
            shown.append(found)
        kept = [_find(sample, name).kept for name in names]
        scores = np.array([_score(_find(sample, name), coloring) for name in names])
        shares = tuple(one.share * share for one, share in zip(shown, kept, strict=True))
        moments.append(Moment(sample.step, tuple(one.seen for one in shown), shares, scores))
    return tuple(reversed(moments))


def _score(place: "Place", coloring: Coloring) -> float:
    """How well the layer can be read out linearly."""
    if coloring.values is None:
        return told_apart(place.points, coloring.groups)
    return explained(place.points, coloring.values)


def _followed(last: "Sample", coloring: Coloring) -> NDArray[np.int64]:
    """Of each group the input that lies in the middle of it in the output."""
    output = _places(last).layers[-1].points.astype(np.float64)
    rows: list[int] = []
    for group in range(len(coloring.names)):
        own = np.flatnonzero(coloring.groups == group)
        if len(own):
            rows.append(int(own[np.argmin(((output[own] - output[own].mean(axis=0)) ** 2).sum(axis=1))]))
    return np.array(rows, np.int64)
