"""Optional packages: imported where they are needed, and named with their mend where they are missing."""

from importlib import import_module
from typing import Any

from unbend.errors import UnbendError


def needed(module: str, package: str, what: str) -> Any:
    """An optional library; `UnbendError` says how to install it, or what it lacks itself."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name in (None, module):
            raise UnbendError(f"{what} needs {module}; install it with: pip install {package}") from error
        mend = f"install {error.name}"
        if module == "keras":
            mend += ", or set KERAS_BACKEND to a backend that is there"
        raise UnbendError(f"{what} needs {module}, which needs {error.name}; {mend}") from error
