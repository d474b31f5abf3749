"""The catalogue of named activations, read from ``catalogue.toml`` when it is first asked for.

It knows names and texts; it refuses to know trees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from unbend.errors import UnbendError, did_you_mean


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue: the formula with its parameters, the first paper, the name in each library if any.

    ``use`` says in a sentence, by language, what it is good and bad for; ``differs`` where libraries do not agree.
    """

    name: str
    formula: str
    source: str
    use: Mapping[str, str]
    pytorch: str = ""
    keras: str = ""
    jax: str = ""
    differs: Mapping[str, str] = field(default_factory=dict[str, str])


@cache
def entries() -> dict[str, Entry]:
    """Every row by name, in the order of the file.

    >>> entries()["silu"].pytorch
    'torch.nn.SiLU'
    """
    import tomllib

    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    return {name: Entry(name, **row) for name, row in tomllib.loads(text).items()}


def catalogue_names() -> tuple[str, ...]:
    """The names of all activations that can be asked for by name.

    >>> "gelu" in catalogue_names()
    True
    """
    return tuple(entries())


def entry(name: str) -> Entry:
    """One row; an unknown name is an `UnbendError` that offers the nearest.

    >>> entry("rulu")
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: there is no activation 'rulu'; did you mean 'relu'?
    """
    if name not in entries():
        elsewhere = [row.name for row in entries().values() if name.lower() in library_names(row)]
        hint = f"did you mean {elsewhere[0]!r}?" if elsewhere else did_you_mean(name, catalogue_names())
        raise UnbendError(f"there is no activation {name!r}; {hint}")
    return entries()[name]


def library_names(row: Entry) -> set[str]:
    """The last words of the names in other libraries: ``torch.nn.Softsign`` is ``softsign``."""
    return {known.partition("(")[0].rpartition(".")[2].lower() for known in (row.pytorch, row.keras, row.jax)}
