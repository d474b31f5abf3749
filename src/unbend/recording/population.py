"""Many recordings that were trained together, kept as the arrays they came in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from operator import index as as_index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.network import Network
from unbend.recording.names import activations_name
from unbend.recording.recording import Recording
from unbend.recording.train import recording_of
from unbend.training import Recipe, Trained


@dataclass(frozen=True, eq=False)
class Group:
    """P networks that share all but ``seeds`` (P,) and ``learning_rates`` (P,); ``arm`` is what was asked for."""

    arm: Mapping[str, Any]
    network: Network
    recipe: Recipe
    seeds: NDArray[np.int64]
    learning_rates: NDArray[np.float64]
    trained: Trained

    def __len__(self) -> int:
        """The number of networks P."""
        return len(self.seeds)

    def recipe_of(self, place: int) -> Recipe:
        """The recipe of one network."""
        return replace(self.recipe, seed=int(self.seeds[place]), learning_rate=float(self.learning_rates[place]))

    def final(self, what: str) -> NDArray[np.float64]:
        """(P,) ``"loss"`` or ``"metric"`` at the last epoch that was measured."""
        at = -1 if self.recipe.measure == "every" else int(self.trained.epochs[-1])
        return getattr(self.trained, what)[at]

    def setting(self, name: str) -> list[Any]:
        """(P,) values of a setting."""
        if name == "seed":
            return self.seeds.tolist()
        if name == "learning_rate":
            return self.learning_rates.tolist()
        if name == "hidden":
            return [self.network.widths[1:-1]] * len(self)
        return [getattr(self.recipe, name) if hasattr(self.recipe, name) else self.arm[name]] * len(self)


@dataclass(frozen=True, eq=False)
class Population:
    """What `train_many` returns: indexing gives a `Recording`, `table` all settings and results by column."""

    dataset: Dataset
    settings: tuple[str, ...]
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        """The number of networks."""
        return sum(len(group) for group in self.groups)

    def __getitem__(self, index: int) -> Recording:
        """The recording of one network; raises IndexError past the end."""
        at = as_index(index)
        if not -len(self) <= at < len(self):
            raise IndexError(f"network {at} of a population of {len(self)}")
        group, place = divmod(at % len(self), len(self.groups[0]))
        chosen = self.groups[group]
        return recording_of(self.dataset, chosen.network, chosen.recipe_of(place), chosen.trained, place)

    def __iter__(self) -> Iterator[Recording]:
        """The recordings in order, made one at a time."""
        return (self[index] for index in range(len(self)))

    @property
    def metric_name(self) -> str:
        """``"accuracy"``, or ``"r2"`` for regression."""
        return "r2" if self.groups[0].network.output == "identity" else "accuracy"

    def table(self) -> dict[str, list[Any]]:
        """Columns by name, one entry per network: the settings, then how each network ended.

        ``activation``, ``hidden``, every setting that was given (a loss by name is ``loss_name``), ``learning_rate``,
        ``seed``; then ``loss``, ``accuracy`` or ``r2`` (NaN for a network that diverged) and ``diverged_at`` (or -1).
        """
        columns: dict[str, list[Any]] = {
            "activation": [name for group in self.groups for name in [activations_name(group.network)] * len(group)]
        }
        for name in dict.fromkeys(("hidden", *self.settings, "learning_rate", "seed")):
            if name != "activation":
                column = [value for group in self.groups for value in group.setting(name)]
                columns["loss_name" if name == "loss" else name] = column
        columns["loss"] = self._final("loss").tolist()
        columns[self.metric_name] = self._final("metric").tolist()
        columns["diverged_at"] = np.concatenate([group.trained.diverged_at for group in self.groups]).tolist()
        return columns

    def best(self) -> Recording:
        """The recording with the lowest final loss; raises `UnbendError` if every network diverged."""
        loss = self._final("loss")
        if np.isnan(loss).all():
            raise UnbendError(f"all {len(self)} networks diverged; try a smaller learning_rate")
        return self[int(np.nanargmin(loss))]

    def _final(self, what: str) -> NDArray[np.float64]:
        return np.concatenate([group.final(what) for group in self.groups])

    def __repr__(self) -> str:
        """One line: how many, of what, and how the best and the median ended."""
        metric = self._final("metric")
        sound = metric[~np.isnan(metric)]
        end = f"{self.metric_name} median {np.median(sound):.4g}, best {sound.max():.4g}" if len(sound) else "no metric"
        diverged = sum(int((group.trained.diverged_at >= 0).sum()) for group in self.groups)
        return f"<Population of {len(self)} networks on {self.dataset.name}: {end}, {diverged} diverged>"
