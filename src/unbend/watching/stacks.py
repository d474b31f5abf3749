"""Which stack a model is, whatever framework it comes from; each framework is imported for its own models alone."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unbend.errors import UnbendError
from unbend.watching import state_dicts
from unbend.watching.frameworks import framework_of, part_for
from unbend.watching.stack import Stack

MODELS = (
    "a PyTorch module, a Keras model, a fitted scikit-learn MLP (or pipeline with one), or a state dict or its file"
)

TITLES = {"keras": "Keras", "torch": "PyTorch", "sklearn": "scikit-learn"}


def stack_of(model: Any, x: Any) -> tuple[Stack, str, str]:
    """The stack, its name, and where it comes from in words; x (n, …) are inputs as the model takes them.

    Raises `UnbendError` for what is no model, or no stack of linear layers and activations.
    """
    name = type(model).__name__
    if isinstance(model, str | os.PathLike):
        path = Path(model)
        return state_dicts.stack_of(state_dicts.read(path), path.name), path.stem, f"the weights in {path.name}"
    if isinstance(model, Mapping):
        return state_dicts.stack_of(model, "the state dict"), "state_dict", "a state dict"
    framework = framework_of(model)
    if framework is None:
        raise UnbendError(f"a {name} is no model that becomes a recording; give {MODELS}")
    part = part_for(framework, "stack", f"a recording of a {name}")
    stack = part.stack_of(model, x) if framework == "torch" else part.stack_of(model)
    return stack, name, f"{name} of {TITLES[framework]}"
