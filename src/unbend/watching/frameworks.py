"""The framework that a model comes from, and its modules here, which are imported for its models alone."""

from importlib import import_module
from typing import Any

from unbend.errors import UnbendError

# Its package, and what pip calls it. A model of Keras may be a torch.nn.Module too, so Keras is asked first.
FRAMEWORKS = {"keras": "keras", "torch": "torch", "sklearn": "scikit-learn"}


def framework_of(model: Any) -> str | None:
    """The package of the framework that a model's classes come from; None for what is no model.

    >>> framework_of({}) is None
    True
    """
    packages = {kind.__module__.split(".")[0] for kind in type(model).__mro__}
    return next((name for name in FRAMEWORKS if name in packages), None)


def part_for(framework: str, part: str, what: str) -> Any:
    """Import a module of the folder here of ``framework``, for ``what``; `UnbendError` where that cannot be done."""
    try:
        return import_module(f"unbend.watching.{framework}.{part}")
    except ImportError as error:
        package = FRAMEWORKS[framework]
        raise UnbendError(
            f"{what} needs {package}, which cannot be imported ({error}); pip install {package}"
        ) from None
