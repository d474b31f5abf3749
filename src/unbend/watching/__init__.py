"""What the activations of the user's own model do while it trains; one module per framework, imported lazily."""

from unbend.watching.history import History, Sample
from unbend.watching.measure import LayerMeasure, Response, WeightMeasure, effective_rank, measure
from unbend.watching.theory import StackLayer, Theory, theory

__all__ = [
    "History",
    "LayerMeasure",
    "Response",
    "Sample",
    "StackLayer",
    "Theory",
    "WeightMeasure",
    "effective_rank",
    "measure",
    "theory",
]
