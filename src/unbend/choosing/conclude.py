"""From the results of a run to its `Choice`."""

from collections.abc import Sequence

import numpy as np

from unbend.choosing.baselines import Baseline
from unbend.choosing.choice import Choice
from unbend.choosing.control import control_verdict
from unbend.choosing.diagnose import diagnose
from unbend.choosing.scores import Scores
from unbend.choosing.study import Study
from unbend.choosing.verdict import Comparison, Verdict, judge
from unbend.choosing.why import Intervention


def conclude(study: Study, baselines: Sequence[Baseline] = (), interventions: Sequence[Intervention] = ()) -> Choice:
    """The verdict on the arms, the best of them against the baselines, and what their networks look like.

    A hidden twin takes no part in the verdict; it is compared with its own original alone.
    """
    scores, judgement = study.scores, study.plan.judgement
    verdict = verdict_of(study)
    control = control_verdict(scores, study.plan.arms, judgement.rope, judgement.alpha)
    best = scores.names.index(verdict.best)
    against = {one.name: _against(study, best, one) for one in baselines}
    return Choice(
        study=study,
        verdict=verdict,
        baselines=tuple(baselines),
        linear=against.get("linear"),
        trees=against.get("trees"),
        diagnoses=diagnose(study),
        interventions=tuple(interventions),
        control=control.comparisons[0] if control else None,
        nested=study.nested(),
        untouched=study.untouched_score(best),
    )


def verdict_of(study: Study) -> Verdict:
    """The verdict on the arms of a study, without hidden twins."""
    judgement = study.plan.judgement
    return judge(study.scores.of(study.plan.originals), judgement.rope, judgement.alpha)


def _against(study: Study, arm: int, baseline: Baseline) -> Comparison | None:
    """An arm compared with a baseline on the splits that both have; None where there are fewer than two."""
    scores = study.scores
    shared = [place for place, split in enumerate(study.splits) if split < len(baseline.scores)]
    if len(shared) < 2:
        return None
    values = np.stack([scores.values[arm, shared], baseline.scores[[study.splits[place] for place in shared]]])
    pair = Scores((scores.names[arm], baseline.name), values, np.zeros(2), scores.n_train, scores.n_test, scores.metric)
    return judge(pair, study.plan.judgement.rope, study.plan.judgement.alpha).comparisons[0]
