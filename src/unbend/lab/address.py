"""Settings as they stand behind ``#`` in the page's address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from unbend.errors import UnbendError, did_you_mean

KEYS = {
    "data": "data", "n": "n", "noise": "noise", "test": "test", "features": "features", "hidden": "hidden",
    "activation": "act", "init": "init", "gain": "gain", "loss": "loss", "optimizer": "opt", "learning_rate": "lr",
    "momentum": "momentum", "weight_decay": "decay", "l1": "l1", "batch_size": "batch", "seed": "seed",
    "shuffle_seed": "shuffle", "lesson": "lesson", "hide": "hide",
}  # fmt: skip


def address_of(settings: Mapping[str, Any]) -> str:
    """The state of settings by Python's names.

    Raises `UnbendError` for a name that the page does not know, and for data or a lesson that it does not have; the
    other values are judged by the page, which says what it passed over.

    >>> address_of({"data": "ring", "hidden": (8, 2), "activation": "x*sigmoid(x)", "batch_size": None})
    'data=ring&hidden=8,2&act=x*sigmoid(x)&batch=none'
    """
    for name in settings:
        if name not in KEYS:
            raise UnbendError(f"the lab has no setting {name!r}; {did_you_mean(name, list(KEYS))}")
    checked = {name: CHECKED[name](value) if name in CHECKED else value for name, value in settings.items()}
    return "&".join(f"{KEYS[name]}={_written(value)}" for name, value in checked.items())


def _data(name: Any) -> str:
    """The name of a data set that the page has."""
    from unbend.data import toy_names
    from unbend.lab.tables import NAMES

    names = [*toy_names(), *NAMES]
    if name not in names:
        near = did_you_mean(str(name), names)
        raise UnbendError(f"the lab has no data {name!r}, but its page takes your own; {near}")
    return name


def _lesson(name: Any) -> str:
    """The name of a lesson, by its name or number."""
    from unbend.lessons import lesson

    return lesson(str(name)).name


CHECKED = {"data": _data, "lesson": _lesson}


def _written(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, (list, tuple)):
        return ",".join(_written(one) for one in value)  # pyright: ignore[reportUnknownVariableType]
    return quote(str(value).replace(",", ";;"), safe="*();")
