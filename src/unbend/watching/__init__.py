"""What the activations of the user's own model do while it trains; one module per framework, imported lazily."""

from importlib import import_module
from typing import Any

from unbend.watching.budget import Budget, Overhead
from unbend.watching.health import Flag, Health, LayerHealth, diagnose
from unbend.watching.history import History, Sample
from unbend.watching.measure import LayerMeasure, Response, WeightMeasure, effective_rank, measure
from unbend.watching.remedies import Remedy
from unbend.watching.theory import StackLayer, Theory, theory
from unbend.watching.watch import Source, Watch, watch

__all__ = [
    "Budget",
    "Flag",
    "Health",
    "History",
    "LayerHealth",
    "LayerMeasure",
    "Overhead",
    "Remedy",
    "Response",
    "Sample",
    "Source",
    "StackLayer",
    "Theory",
    "Watch",
    "WeightMeasure",
    "diagnose",
    "effective_rank",
    "measure",
    "theory",
    "watch",
]

# Names whose modules import a framework, and the module of each.
_LAZY: dict[str, str] = {"KerasCallback": "keras.callback", "LightningCallback": "lightning"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"unbend.watching.{_LAZY[name]}"), name)
