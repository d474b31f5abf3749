"""See what an activation function does, choose one with evidence, watch it in your own model.

Importing unbend loads nothing; every name below is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unbend import data as data
    from unbend import watching as watching
    from unbend.activations import Activation as Activation
    from unbend.activations import activation as activation
    from unbend.choosing.choose import choose as choose
    from unbend.choosing.compare import compare as compare
    from unbend.choosing.estimators import ActivationSearchClassifier as ActivationSearchClassifier
    from unbend.choosing.estimators import ActivationSearchRegressor as ActivationSearchRegressor
    from unbend.choosing.networks import ActivationClassifier as ActivationClassifier
    from unbend.choosing.networks import ActivationRegressor as ActivationRegressor
    from unbend.errors import DataError as DataError
    from unbend.errors import UnbendError as UnbendError
    from unbend.geometry import warp as warp
    from unbend.lab.widget import lab as lab
    from unbend.properties import Card as Card
    from unbend.properties import card as card
    from unbend.properties import cards as cards
    from unbend.recording import Population as Population
    from unbend.recording import Recording as Recording
    from unbend.recording import collapse as collapse
    from unbend.recording import load as load
    from unbend.recording import train as train
    from unbend.recording import train_many as train_many
    from unbend.watching.watch import Watch as Watch
    from unbend.watching.watch import watch as watch

_ROOMS = ("data", "lab", "watching")
_HOMES = {
    "Activation": "activations",
    "ActivationClassifier": "choosing.networks",
    "ActivationRegressor": "choosing.networks",
    "ActivationSearchClassifier": "choosing.estimators",
    "ActivationSearchRegressor": "choosing.estimators",
    "Card": "properties",
    "DataError": "errors",
    "Population": "recording",
    "Recording": "recording",
    "UnbendError": "errors",
    "activation": "activations",
    "card": "properties",
    "choose": "choosing.choose",
    "compare": "choosing.compare",
    "cards": "properties",
    "collapse": "recording",
    "load": "recording",
    "train": "recording",
    "train_many": "recording",
    "warp": "geometry",
    "Watch": "watching.watch",
    "watch": "watching.watch",
}

__all__ = [
    "Activation",
    "ActivationClassifier",
    "ActivationRegressor",
    "ActivationSearchClassifier",
    "ActivationSearchRegressor",
    "Card",
    "DataError",
    "Population",
    "Recording",
    "UnbendError",
    "Watch",
    "activation",
    "card",
    "cards",
    "choose",
    "collapse",
    "compare",
    "data",
    "lab",
    "load",
    "train",
    "train_many",
    "warp",
    "watch",
    "watching",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"unbend.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"unbend.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
