"""Many recordings that were trained together, kept as the arrays they came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.network import Network
from unbend.recording.recording import Recording
from unbend.recording.train import recording_of
from unbend.training import Recipe, Trained


@dataclass(frozen=True, eq=False)
class Group:
    """Networks that share everything but learning rate and seed; ``recipes`` has one for each."""

    arm: Mapping[str, Any]
    network: Network
    recipes: tuple[Recipe, ...]
    trained: Trained


@dataclass(frozen=True, eq=False)
class Population:
    """What `train_many` returns: indexing gives a `Recording`, `table` all settings and results by column."""

    dataset: Dataset
    settings: tuple[str, ...]
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        """The number of networks."""
        return sum(len(group.recipes) for group in self.groups)

    def __getitem__(self, index: int) -> Recording:
        """The recording of one network; raises IndexError past the end."""
        size = len(self.groups[0].recipes)
        if not -len(self) <= index < len(self):
            raise IndexError(f"network {index} of a population of {len(self)}")
        group, place = divmod(index % len(self), size)
        chosen = self.groups[group]
        return recording_of(self.dataset, chosen.network, chosen.recipes[place], chosen.trained, place)

    @property
    def metric_name(self) -> str:
        """``"accuracy"``, or ``"r2"`` for regression."""
        return "r2" if self.groups[0].network.output == "identity" else "accuracy"

    def table(self) -> dict[str, list[Any]]:
        """Columns by name, one entry per network: activation, settings, final loss and metric, diverged_at (or -1)."""
        columns = {"activation": [_named(g.network) for g in self.groups for _ in g.recipes]}
        for name in dict.fromkeys(("hidden", *self.settings, "learning_rate", "seed")):
            if name != "activation":
                columns[name] = [_setting(group, recipe, name) for group in self.groups for recipe in group.recipes]
        columns["loss"] = self._last("loss").tolist()
        columns[self.metric_name] = self._last("metric").tolist()
        columns["diverged_at"] = np.concatenate([group.trained.diverged_at for group in self.groups]).tolist()
        return columns

    def best(self) -> Recording:
        """The recording with the lowest final loss; raises `UnbendError` if every network diverged."""
        loss = self._last("loss")
        if np.isnan(loss).all():
            raise UnbendError(f"all {len(self)} networks diverged; try a smaller learning_rate")
        return self[int(np.nanargmin(loss))]

    def _last(self, what: str) -> NDArray[np.float64]:
        return np.concatenate([getattr(group.trained, what)[-1] for group in self.groups])

    def __repr__(self) -> str:
        """One line: how many, of what, and how the best and the median ended."""
        metric = self._last("metric")
        sound = metric[~np.isnan(metric)]
        end = f"{self.metric_name} median {np.median(sound):.4g}, best {sound.max():.4g}" if len(sound) else "no metric"
        diverged = sum(int((group.trained.diverged_at >= 0).sum()) for group in self.groups)
        return f"<Population of {len(self)} networks on {self.dataset.name}: {end}, {diverged} diverged>"


def _named(network: Network) -> str:
    names = dict.fromkeys(activation.name or activation.formula for activation in network.activations)
    return ", ".join(names) or "linear"


def _setting(group: Group, recipe: Recipe, name: str) -> Any:
    if name == "hidden":
        return group.network.widths[1:-1]
    return getattr(recipe, name) if hasattr(recipe, name) else group.arm[name]
