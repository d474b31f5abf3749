"""Optional packages: imported where they are needed, and named with their mend where they are missing."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from unbend.errors import UnbendError

BACKENDS = ("jax", "torch", "tensorflow")  # of Keras


def needed(module: str, package: str, what: str) -> Any:
    """An optional library; `UnbendError` says how to install it, or what it lacks itself."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name in (None, module):
            raise UnbendError(f"{what} needs {module}; install it with: pip install {package}") from error
        there = [name for name in BACKENDS if find_spec(name) is not None] if module == "keras" else []
        mend = f"set KERAS_BACKEND={there[0]} before Keras is imported, or " if there else ""
        raise UnbendError(f"{what} needs {module}, which needs {error.name}; {mend}pip install {error.name}") from error
