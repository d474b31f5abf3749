"""Conditions on the health of a model, such as ``dead>0.2`` or ``alarm``, as `Watch.check` and ``unbend check`` take.

What stands in a condition is what must not be.
"""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from unbend.errors import UnbendError, did_you_mean
from unbend.watching.health import ORDER
from unbend.watching.measure import OF_LAYER, SHARES

NAMES = (*OF_LAYER, "update", "gradient_ratio")  # of the hidden activations, of a weight array, of the model
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_FORM = re.compile(r"\s*(?P<name>\w+)\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>[^\s%]+)\s*(?P<percent>%?)\s*")


@dataclass(frozen=True)
class Condition:
    """A name of `NAMES` with a sign of `SIGNS` and a limit; or a severity, without them, for flags at least as bad."""

    text: str
    name: str
    sign: str = ""
    limit: float = math.nan

    def holds(self, value: float) -> bool:
        """Whether a measured value is what must not be; NaN, which is not measured, is not."""
        return SIGNS[self.sign](value, self.limit)


def conditions(texts: Sequence[str]) -> tuple[Condition, ...]:
    """What the texts say, without repetitions; `UnbendError` with all faults at once.

    >>> [(one.name, one.sign, one.limit) for one in conditions(["dead > 20%", "gradient_ratio<1e-3"])]
    [('dead', '>', 0.2), ('gradient_ratio', '<', 0.001)]
    >>> conditions(["deed>0.2"])
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: condition 'deed>0.2': nothing of the name 'deed' is measured; did you mean 'dead'?
    """
    found: list[Condition] = []
    faults: list[str] = []
    for text in texts:
        try:
            found.append(condition(text))
        except UnbendError as error:
            faults.append(str(error))
    if faults:
        raise UnbendError("; ".join(dict.fromkeys(faults)))
    return tuple(dict.fromkeys(found))


def condition(text: str) -> Condition:
    """What one text says; `UnbendError` names what is wrong with it."""
    said = str(text).strip()
    if said in ORDER:
        return Condition(said, said)
    match = _FORM.fullmatch(said)
    if match is None:
        raise UnbendError(f"condition {said!r}{_mend(said)}")
    name, sign = match["name"], match["sign"]
    if name not in NAMES:
        raise UnbendError(f"condition {said!r}: nothing of the name {name!r} is measured; {did_you_mean(name, NAMES)}")
    try:
        limit = float(match["limit"]) / (100 if match["percent"] else 1)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise UnbendError(f"condition {said!r}: {match['limit']!r} is no number; write for example {name}{sign}0.2")
    if name in SHARES and not 0 <= limit <= 1:
        mend = f"; write {name}{sign}{limit:g}%" if 1 < limit <= 100 else ""
        raise UnbendError(f"condition {said!r}: {name} is a share from 0 to 1, and {limit:g} is none{mend}")
    return Condition(f"{name}{sign}{match['limit']}{match['percent']}", name, sign, limit)


def _mend(said: str) -> str:
    """How to write a condition that is none."""
    if said in NAMES:
        return f" has no limit; write '{said}>0.2', in quotes, since a shell takes > for the name of a file"
    if re.fullmatch(r"\w+", said):
        return f" is neither a severity nor a comparison; {did_you_mean(said, (*ORDER, *NAMES))}"
    return f" is no comparison; write a name, one of {', '.join(SIGNS)}, and a number, such as 'dead>0.2', or 'alarm'"
