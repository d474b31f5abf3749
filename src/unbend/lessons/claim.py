"""A claim: a sentence about a measured quantity, the relation it must satisfy, and whether it does.

The measured value is computed by an experiment on every run and written into the sentence; nothing here draws or prints.
"""

from dataclasses import dataclass
from typing import Literal

from unbend.errors import UnbendError
from unbend.lessons.text import Form, Text, number

Relation = Literal["<=", ">=", "==", "between"]
SIGNS = {"<=": "≤", ">=": "≥", "==": "="}


@dataclass(frozen=True)
class Claim:
    """One statement that can fail.

    ``statement`` says it with ``{value}`` where the measured value belongs; ``quantity`` names what was measured.
    ``limit`` is a number, or (lowest, highest) for "between"; ``tolerance`` widens it. A value that is not a number
    satisfies nothing. Raises `UnbendError` if relation and limit do not fit together.

    >>> claim = Claim(Text(zh="一条直线最多 {value}", en="a line gets {value} at most"), Text(zh="准确率", en="accuracy"),
    ...               value=0.75, relation="<=", limit=0.8)
    >>> claim.holds, claim.sentence("en"), claim.evidence("en")
    (True, 'a line gets 0.75 at most', 'accuracy: 0.75 (expected ≤ 0.8)')
    """

    statement: Text
    quantity: Text
    value: float
    relation: Relation
    limit: float | tuple[float, float]
    tolerance: float = 0.0
    form: Form = number

    def __post_init__(self) -> None:
        """Refuse a relation that its limit does not fit."""
        if self.relation not in (*SIGNS, "between"):
            raise UnbendError(f"a claim cannot ask for {self.relation!r}; use <=, >=, == or between")
        if isinstance(self.limit, tuple) != (self.relation == "between"):
            raise UnbendError(
                f"{self.relation!r} does not go with the limit {self.limit}; only between takes two numbers"
            )

    @property
    def holds(self) -> bool:
        """Whether the measured value satisfies the relation."""
        low, high = self._bounds()
        return bool(low - self.tolerance <= self.value <= high + self.tolerance)

    def sentence(self, lang: str) -> str:
        """The statement with the measured value in it."""
        return self.statement.fill({"value": self.form(self.value)})(lang)

    def evidence(self, lang: str) -> str:
        """The quantity, its measured value and what was expected of it."""
        words = Text(zh="{quantity}：{value}（应 {expected}）", en="{quantity}: {value} (expected {expected})")
        return words.fill({"quantity": self.quantity, "value": self.form(self.value), "expected": self.expected(lang)})(
            lang
        )

    def expected(self, lang: str) -> str:
        """What was asked for: sign, limit and, if there is one, the tolerance."""
        margin = f" ± {number(self.tolerance)}" if self.tolerance else ""
        if isinstance(self.limit, tuple):
            between = Text(zh="{low} 至 {high}", en="{low} to {high}")
            low, high = (self.form(bound) for bound in self.limit)
            return between.fill({"low": low, "high": high})(lang) + margin
        return f"{SIGNS[self.relation]} {self.form(self.limit)}{margin}"

    def _bounds(self) -> tuple[float, float]:
        if isinstance(self.limit, tuple):
            return self.limit
        low = float("-inf") if self.relation == "<=" else self.limit
        high = float("inf") if self.relation == ">=" else self.limit
        return low, high
