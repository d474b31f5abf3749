"""How often a verdict is wrong where the truth is known, with real networks: ``python benchmarks/calibration.py``.

Twins (one activation, other seeds) and mirrored activations (f(x) and f(-x), equal by symmetry) have no better one
among them; on bent tables `identity` truly trails `tanh`. Prints JSON and writes it to the package, whose reports
quote it. Every table goes the way of a user's table: plan, shards, scores, verdict.
"""

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

import unbend as ub
from unbend.choosing.arms import Arm, arms
from unbend.choosing.plan import Plan, Protocol, make_plan
from unbend.choosing.scores import Scores
from unbend.choosing.shard import run_shard
from unbend.choosing.study import Study
from unbend.choosing.verdict import Verdict, judge
from unbend.data.tabular import Table, tabular
from unbend.randomness import uniform

WRITTEN = Path(__file__).parent.parent / "src" / "unbend" / "choosing" / "calibration.json"
SEEDS = 10**5  # from one table to the next: more than the seeds of one table's splits
TOYS = ("moons", "circles", "xor", "gaussians")


@dataclass(frozen=True)
class Setting:
    """What is simulated: ``tables`` of ``rows``, networks of one hidden layer of ``width``, the protocol, the test."""

    tables: int = 300
    rows: int = 100
    width: int = 4
    epochs: int = 20
    learning_rates: tuple[float, ...] = (0.01, 0.1)
    seeds: int = 1
    folds: int = 10
    repeats: int = 3
    rope: float = 0.01
    alpha: float = 0.05

    def protocol(self, number: int) -> Protocol:
        """The protocol for a table, with seeds that no other table has."""
        return Protocol(
            epochs=self.epochs, learning_rates=self.learning_rates, extensions=0, seeds=self.seeds, folds=self.folds,
            repeats=self.repeats, seed=SEEDS * number,
        )  # fmt: skip


# ---------------------------------------------------------------------- tables and arms whose truth is known
def toy(setting: Setting, number: int) -> Table:
    """A toy table: four kinds in turn, noisy, so that the classes overlap."""
    make = getattr(ub.data, TOYS[number % len(TOYS)])
    return tabular(make(n=setting.rows, noise=0.3, seed=number))


def twins(setting: Setting) -> tuple[Arm, ...]:
    """Four arms that differ in their seeds alone."""
    (first,) = arms(["tanh"], hidden=[(setting.width,)])
    return tuple(replace(first, name=f"twin {twin}", twin=twin) for twin in range(4))


def mirrored(setting: Setting) -> tuple[Arm, ...]:
    """f(x) and f(-x), twice: with weights drawn symmetrically about 0 their networks have one distribution."""
    found = arms(["x*sigmoid(x)", "-x*sigmoid(-x)"], hidden=[(setting.width,)])
    return tuple(replace(arm, name=f"{arm.name} {twin}", twin=twin) for twin in range(2) for arm in found)


@dataclass(frozen=True)
class Bent:
    """Two classes parted by a parabola of so much ``bend``, a tenth of the labels wrong: a straight line loses some."""

    bend: float

    def __call__(self, setting: Setting, number: int) -> Table:
        """The table of this number."""
        places = np.arange(setting.rows)
        x = np.stack([2 * uniform(number, f"calibration/x{axis}", places) - 1 for axis in range(2)], axis=1)
        wrong = uniform(number, "calibration/wrong", places) < 0.1
        return tabular((x, (x[:, 1] + self.bend * (x[:, 0] ** 2 - 1 / 3) > 0) ^ wrong))


def straight_and_bent(setting: Setting) -> tuple[Arm, ...]:
    """The arm that bends space, and the one that cannot."""
    return arms(["tanh", "identity"], hidden=[(setting.width,)])


# ---------------------------------------------------------------------- the simulation
def scores_of(plan: Plan) -> Scores:
    """The held-out scores of a plan, its shards run here."""
    splits = tuple(range(len(plan.splits.outer)))
    shards = tuple(tuple(run_shard(plan, arm, split) for split in splits) for arm in range(len(plan.arms)))
    return Study(plan, splits, shards, None).scores


def simulate(
    setting: Setting, table: Callable[[Setting, int], Table], compared: Sequence[Arm], workers: int = 1
) -> list[tuple[Scores, Verdict]]:
    """The scores and the verdict on every table."""
    from joblib import Parallel, delayed

    return Parallel(n_jobs=workers)(
        delayed(_one)(setting, table, tuple(compared), number) for number in range(setting.tables)
    )


def _one(
    setting: Setting, table: Callable[[Setting, int], Table], compared: tuple[Arm, ...], number: int
) -> tuple[Scores, Verdict]:
    scores = scores_of(make_plan(table(setting, number), compared, setting.protocol(number)))
    return scores, judge(scores, setting.rope, setting.alpha)


# ---------------------------------------------------------------------- what came out
def share(hits: Sequence[bool]) -> dict[str, float]:
    """A rate with its exact 95 % interval (Clopper & Pearson 1934)."""
    from scipy.stats import binomtest

    count = int(np.sum(hits))
    interval = binomtest(count, len(hits)).proportion_ci()
    return {"rate": count / len(hits), "low": round(float(interval.low), 4), "high": round(float(interval.high), 4)}


def without_difference(found: Sequence[tuple[Scores, Verdict]], alpha: float) -> dict[str, dict[str, float]]:
    """Where all arms are equal: how often there is a winner, any difference (after Holm; for one pair named before;
    by the t-test that takes splits for independent), and how often the verdict is "equivalent", which is true."""
    verdicts = [verdict for _, verdict in found]
    return {
        "winner": share([verdict.word == "winner" for verdict in verdicts]),
        "any_difference": share([min(one.p_holm for one in verdict.comparisons) <= alpha for verdict in verdicts]),
        "one_pair": share([verdict.comparisons[0].p <= alpha for verdict in verdicts]),
        "one_pair_naive": share([_naive_p(scores) <= alpha for scores, _ in found]),
        "equivalent": share([verdict.word == "equivalent" for verdict in verdicts]),
    }


def with_difference(found: Sequence[tuple[Scores, Verdict]], alpha: float) -> dict[str, object]:
    """Where the first arm is better: by how much in the long run, what is called detectable and the power that goes
    with it, how often the difference is found, and how often it is falsely called none or another's."""
    verdicts = [verdict for _, verdict in found]
    differences = np.array([verdict.comparisons[0].difference for verdict in verdicts])
    detectable = float(np.mean([verdict.detectable_difference for verdict in verdicts]))
    first = found[0][0].names[0]
    return {
        "difference": round(float(differences.mean()), 4),
        "difference_error": round(float(differences.std(ddof=1)) / math.sqrt(len(differences)), 4),
        "detectable": round(detectable, 4),
        "power": share([one.p <= alpha and one.difference > 0 for one in (v.comparisons[0] for v in verdicts)]),
        "power_foretold": round(_power(found, float(differences.mean()), alpha), 3),
        "winner": share([(verdict.word, verdict.best) == ("winner", first) for verdict in verdicts]),
        "false_winner": share([verdict.word == "winner" and verdict.best != first for verdict in verdicts]),
        "false_equivalent": share([verdict.word == "equivalent" for verdict in verdicts]),
    }


def _power(found: Sequence[tuple[Scores, Verdict]], difference: float, alpha: float) -> float:
    """The mean chance to find ``difference``, by the reckoning behind the detectable difference."""
    from scipy.stats import t

    degrees = found[0][0].values.shape[1] - 1
    reach = t.ppf(1 - alpha / 2, degrees)
    errors = np.array([verdict.detectable_difference for _, verdict in found]) / (reach + t.ppf(0.80, degrees))
    return float(t.cdf(difference / errors - reach, degrees).mean())


def _naive_p(scores: Scores) -> float:
    from scipy.stats import ttest_1samp

    ahead = scores.values[0] - scores.values[1]
    return float(ttest_1samp(ahead, 0).pvalue) if np.ptp(ahead) else 1.0


NULL = Setting()
PLANTED = Setting(tables=300, rows=1000, width=8, epochs=30, learning_rates=(0.01, 0.03))
BEND = 0.6  # with which identity trails tanh by 0.03 in the long run


def main() -> None:
    """Simulate, print and write."""
    found: dict[str, object] = {"unbend": version("unbend")}
    for name, compared in (("twins", twins(NULL)), ("mirrored", mirrored(NULL))):
        rates = without_difference(simulate(NULL, toy, compared, workers=-1), NULL.alpha)
        found[name] = {"setting": asdict(NULL), "arms": [arm.name for arm in compared], **rates}
        print(json.dumps({name: found[name]}), file=sys.stderr)
    compared = straight_and_bent(PLANTED)
    rates = with_difference(simulate(PLANTED, Bent(BEND), compared, workers=-1), PLANTED.alpha)
    found["planted"] = {"setting": asdict(PLANTED), "arms": [arm.name for arm in compared], "bend": BEND, **rates}
    text = json.dumps(found, indent=2)
    WRITTEN.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
