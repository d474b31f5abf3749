"""The central type of this room: everything that a study came to, as the terminal, the page and the exports tell it."""

from dataclasses import dataclass
from typing import Any

from unbend.choosing.baselines import Baseline
from unbend.choosing.study import Study
from unbend.choosing.verdict import Comparison, Verdict
from unbend.choosing.why import Diagnosis, Intervention


@dataclass(frozen=True, eq=False)
class Choice:
    """A study with its verdict.

    ``baselines`` on the first repeat (none in an interrupted run); ``linear``, ``trees``: the best arm compared with
    the linear model and with boosted trees on those splits (the arm first); ``diagnoses`` one for each arm of the plan;
    ``interventions`` of ``--why``; ``control`` compares the first arm with its hidden twin; ``nested`` and
    ``untouched`` re-estimate the best arm's score without the optimism of having been chosen.
    """

    study: Study
    verdict: Verdict
    baselines: tuple[Baseline, ...]
    linear: Comparison | None
    trees: Comparison | None
    diagnoses: tuple[Diagnosis, ...]
    interventions: tuple[Intervention, ...]
    control: Comparison | None
    nested: float
    untouched: float | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe: the verdict, and the baselines' mean scores by name."""
        means = {one.name: float(one.scores.mean()) for one in self.baselines}
        return self.verdict.to_dict() | {"baselines": means, "nested": self.nested, "untouched": self.untouched}
