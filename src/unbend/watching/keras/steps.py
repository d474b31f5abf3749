"""The steps of a Keras model's training: what happens before and after each, and the first batch.

`fit` and `train_on_batch` take every step by `model.train_function`; a function around it sees each of them, outside of
what is compiled, whatever the data come from.
"""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from unbend.errors import UnbendError

Around = Callable[[Callable[..., Any], tuple[Any, ...]], Any]


class Steps:
    """``around(train_function, arguments)`` in place of every step, from `follow` on, or of the next one, by `next`."""

    def __init__(self, model: Any, around: Around) -> None:
        """Of this model; nothing is changed yet."""
        self._model, self._around = model, around
        self._original: Callable[..., Any] | None = None

    def follow(self) -> None:
        """See every step until `release`."""
        made = self._model.make_train_function

        def make_train_function(force: bool = False) -> None:
            self._unwrap()
            made(force)
            self._wrap(self._around)

        vars(self._model)["make_train_function"] = make_train_function
        self._wrap(self._around)

    def next(self) -> None:
        """See the next step alone."""

        def once(original: Callable[..., Any], args: tuple[Any, ...]) -> Any:
            self._unwrap()
            return self._around(original, args)

        self._unwrap()
        self._wrap(once)

    def release(self) -> None:
        """Leave the model as it was."""
        self._unwrap()
        vars(self._model).pop("make_train_function", None)

    def _wrap(self, around: Around) -> None:
        original = vars(self._model).get("train_function")
        if original is None:
            return

        def train_function(*args: Any) -> Any:
            return around(original, args)

        self._original = original
        self._wrapped = vars(self._model)["train_function"] = train_function

    def _unwrap(self) -> None:
        """Unless the model was compiled anew meanwhile."""
        if self._original is not None and vars(self._model).get("train_function") is self._wrapped:
            vars(self._model)["train_function"] = self._original
        self._original = None


def peeked(backend: str, args: tuple[Any, ...], steps: int) -> tuple[Any, tuple[Any, ...]]:
    """The first batch that a step will see, and arguments in which it is still to come."""
    if backend == "torch":
        return args[0][0], args
    *state, iterator = args
    if hasattr(iterator, "element_spec"):
        return _peeked_tensorflow(iterator, steps)
    first = next(iterator)
    return first, (*state, chain([first], iterator))


def _peeked_tensorflow(iterator: Any, steps: int) -> tuple[Any, tuple[Any, ...]]:
    """A step compiled for an iterator gets another one of the same kind, of the same batches."""
    import tensorflow as tf  # pyright: ignore[reportMissingImports]

    if not isinstance(iterator, tf.data.Iterator):
        raise UnbendError("the first batch cannot be kept under a distribution strategy; give a probe: X[:256]")
    batches = list(islice(iterator, steps))

    def again() -> Iterator[Any]:
        return iter(batches)

    return batches[0], (iter(tf.data.Dataset.from_generator(again, output_signature=iterator.element_spec)),)
