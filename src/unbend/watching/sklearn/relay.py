"""Listening to the calls of one scikit-learn estimator's own methods, and leaving no trace when nobody listens."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Listener = Callable[..., Any]
"""Called with the method in place of which it stands, and the arguments; it calls the method and returns its result."""


class Relay:
    """A method of one estimator with listeners around it, in the estimator's own dict."""

    def __init__(self, method: Callable[..., Any]) -> None:
        """Stand in for ``method``."""
        self.method = method
        self.listeners: list[Listener] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method through all listeners, whatever its signature is in this version."""
        call = self.method
        for listener in self.listeners:
            call = partial(listener, call)
        return call(*args, **kwargs)


def listen(estimator: Any, listeners: Mapping[str, Listener]) -> Callable[[], None]:
    """Put a listener around each named method; the result takes them away, in whatever order watches end.

    Copies and pickles that are made meanwhile are without relays.

    >>> class Counter:
    ...     def add(self, number):
    ...         return number + 1
    >>> counter, heard = Counter(), []
    >>> leave = listen(counter, {"add": lambda call, number: heard.append(number) or call(number)})
    >>> counter.add(1), heard
    (2, [1])
    >>> leave()
    >>> vars(counter)
    {}
    """
    placed = {**listeners, "__getstate__": _state_without_relays}
    own = vars(estimator)
    for name, listener in placed.items():
        own.setdefault(name, Relay(getattr(estimator, name))).listeners.append(listener)

    def leave() -> None:
        for name, listener in placed.items():
            own[name].listeners.remove(listener)
            if not own[name].listeners:
                del own[name]

    return leave


def _state_without_relays(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `pickle` and `copy` take along of an estimator."""
    return {name: value for name, value in call().items() if not isinstance(value, Relay)}
