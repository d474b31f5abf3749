"""The network that a study ends with: fitted to all rows, together with all that it takes to use it."""

from dataclasses import dataclass

from unbend.choosing.preparation import Preparation
from unbend.data.dataset import Task
from unbend.network import Network, Weights


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted network with the preparation of its inputs.

    Columns come as ``number_names`` then ``level_names``; ``categories`` are the levels of each of the latter. A
    regression's target is output * ``preparation.y_scale`` + ``preparation.y_mean``. ``learning_rate`` and ``epoch``
    say how it was trained.
    """

    network: Network
    weights: Weights
    preparation: Preparation
    task: Task
    number_names: tuple[str, ...]
    level_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    class_names: tuple[str, ...]
    target_name: str
    learning_rate: float
    epoch: int
