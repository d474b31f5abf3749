"""Why Keras cannot be imported: it is not there, or the backend that it is told to use is not."""

from importlib.util import find_spec

from unbend.errors import UnbendError

BACKENDS = ("tensorflow", "jax", "torch")


def cannot_import(what: str, error: ImportError) -> UnbendError:
    """What to say to a user of ``what``; a missing backend is named, with those that are there."""
    missing = (error.name or "").split(".")[0]
    if missing not in BACKENDS or find_spec("keras") is None:
        return UnbendError(f"{what} needs keras, which cannot be imported ({error}); pip install keras")
    there = [name for name in BACKENDS if name != missing and find_spec(name) is not None]
    use = f"set KERAS_BACKEND={there[0]} before Keras is imported, or " if there else ""
    return UnbendError(
        f"{what} needs keras, whose backend is {missing}, which is not installed; {use}pip install {missing}"
    )
