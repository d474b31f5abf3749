"""How often a diagnosis is right where the truth is known: ``python benchmarks/health.py [seeds]``, 20 by default.

Planted faults: how often each is found, with the right kind, place, severity and date as its first flag, and how often
doing what the diagnosis says first mends it. Healthy models: how often one is called ill. Healthy references: what 95
of 100 healthy models stay below, rule by rule, which is what `unbend.watching.rules` quotes. Harm of dead units: how
well ReLU networks learn, from the best learning rate to one far too high, by the share of units that are dead in their
worst layer; the limits of that rule follow from it. All models are PyTorch's, and those of the tests.
"""

import math
import os
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import numpy as np
import torch
from joblib import Parallel, delayed
from scipy.stats import binomtest
from torch import nn

from faulty_models import DIGITS, FAULTS, Setup, mended, stack, train
from healthy_models import HEALTHY, trained
from unbend.watching.rules import RULES

DEPTHS, RATES = (2, 3, 5), (1e-3, 3e-3, 1e-2, 2e-2, 3e-2, 5e-2, 0.1, 0.3)
SHARES = (-1.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass(frozen=True)
class FaultRun:
    """A fault with one seed: was it found at all, told exactly, mended; loss and accuracy before and after."""

    found: bool
    told: bool
    mended: bool
    loss: tuple[float, float]
    accuracy: tuple[float, float]


@dataclass(frozen=True)
class HealthyRun:
    """A healthy model with one seed: its score, whether that is good, its flags, and the largest number by rule."""

    score: float
    good: bool
    alarms: tuple[str, ...]
    warnings: tuple[str, ...]
    largest: dict[str, float]


def with_fault(index: int, seed: int) -> FaultRun:
    """Train with the fault, then with the first remedy."""
    fault = FAULTS[index]
    ill = train(fault.setup(), seed)
    found = any(flag.kind == fault.kind and flag.severity != "note" for flag in ill.health.flags)
    if not ill.health.flags:
        return FaultRun(found, False, False, (ill.loss, math.nan), (ill.accuracy, math.nan))
    well = train(mended(fault.setup(), ill.health), seed)
    better = (math.isnan(ill.loss) or well.loss < 0.9 * ill.loss) and well.accuracy > ill.accuracy + 0.1
    return FaultRun(
        found, fault.is_told_by(ill.health), well.health.is_healthy and better, (ill.loss, well.loss),
        (ill.accuracy, well.accuracy),
    )  # fmt: skip


def healthy(index: int, seed: int) -> HealthyRun:
    """Train a healthy model."""
    one = HEALTHY[index]
    w, score = trained(one, seed)
    flags = {
        level: tuple(flag.kind for flag in w.health.flags if flag.severity == level) for level in ("alarm", "warning")
    }
    largest = {rule.kind: _largest(rule.latest(w.history.samples)) for rule in RULES}
    return HealthyRun(score, score >= one.at_least, flags["alarm"], flags["warning"], largest)


def _largest(values: dict[str | None, float]) -> float:
    return max((value for value in values.values() if not math.isnan(value)), default=math.nan)


def rate(count: int, total: int) -> str:
    """Of how many, and the 95 % interval of Wilson."""
    low, high = binomtest(count, total).proportion_ci(method="wilson")
    return f"{count}/{total} ({100 * low:.1f}–{100 * high:.1f} %)"


def fault_table(runs: list[list[FaultRun]]) -> None:
    """One row a fault."""
    print("\n| planted fault | found | told exactly, as first flag | mended by the first remedy | loss | accuracy |")
    print("|---|---|---|---|---|---|")
    for fault, own in zip(FAULTS, runs, strict=True):
        counts = (sum(getattr(run, what) for run in own) for what in ("found", "told", "mended"))
        loss, accuracy = (np.median([getattr(run, what) for run in own], axis=0) for what in ("loss", "accuracy"))
        print(
            f"| {fault.name} | {' | '.join(f'{count}/{len(own)}' for count in counts)} "
            f"| {loss[0]:.2f} → {loss[1]:.2f} | {accuracy[0]:.2f} → {accuracy[1]:.2f} |"
        )
    every = [run for own in runs for run in own]
    cells = (rate(sum(getattr(run, what) for run in every), len(every)) for what in ("found", "told", "mended"))
    print(f"| all | {' | '.join(cells)} | | |")


def healthy_table(runs: list[list[HealthyRun]]) -> None:
    """One row a model."""
    print("\n| healthy model | learned well | score | runs with an alarm | with a warning | which |")
    print("|---|---|---|---|---|---|")
    for one, own in zip(HEALTHY, runs, strict=True):
        kinds = ", ".join(sorted({kind for run in own for kind in (*run.alarms, *run.warnings)}))
        print(
            f"| {one.name} | {sum(run.good for run in own)}/{len(own)} | {np.median([run.score for run in own]):.2f} "
            f"| {sum(bool(run.alarms) for run in own)} | {sum(bool(run.warnings) for run in own)} | {kinds or '–'} |"
        )
    every = [run for own in runs for run in own]
    alarms, warnings = (sum(bool(getattr(run, what)) for run in every) for what in ("alarms", "warnings"))
    print(f"| all | {sum(run.good for run in every)}/{len(every)} | | {rate(alarms, len(every))} "
          f"| {rate(warnings, len(every))} | |")  # fmt: skip


def reference_table(runs: list[list[HealthyRun]]) -> None:
    """One row a rule: the largest value over the layers of a model, over all runs."""
    print("\n| rule | 95 of 100 healthy models stay below | the largest | quoted | note, warning, alarm from |")
    print("|---|---|---|---|---|")
    values: dict[str, list[float]] = defaultdict(list)
    for own in runs:
        for run in own:
            for kind, value in run.largest.items():
                values[kind].append(value)
    for rule in RULES:
        known = [value for value in values[rule.kind] if not math.isnan(value)]
        limits = ", ".join(
            "–" if math.isinf(limit) else f"{limit:g}" for limit in (rule.note, rule.warning, rule.alarm)
        )
        print(f"| {rule.kind} | {np.quantile(known, 0.95):.3g} | {max(known):.3g} | {rule.healthy:g} | {limits} |")


def with_rate(depth: int, rate: float, seed: int) -> tuple[float, float]:
    """The largest dead share of a layer of a ReLU network after training, and its accuracy."""
    setup = Setup(lambda: stack(nn.ReLU, depth, 64), *DIGITS, rate, 200, torch.optim.Adam)
    found = train(setup, seed)
    return max(layer.measure.dead for layer in found.health.layers), found.accuracy


def harm_table(runs: list[tuple[float, float]]) -> None:
    """One row a range of dead shares."""
    print("\n| dead units in the worst layer | runs | median accuracy | runs that learned well (0.95 or more) |")
    print("|---|---|---|---|")
    for low, high in pairwise(SHARES):
        own = [accuracy for dead, accuracy in runs if low < dead <= high]
        well = rate(sum(accuracy >= 0.95 for accuracy in own), len(own))
        print(f"| {max(low, 0):.0%} to {high:.0%} | {len(own)} | {np.median(own):.2f} | {well} |")


def main() -> None:
    """Run and print everything."""
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    with Parallel(n_jobs=-1, batch_size=1) as parallel:
        faults = parallel(delayed(with_fault)(index, seed) for index in range(len(FAULTS)) for seed in seeds)
        fault_table([faults[place : place + len(seeds)] for place in range(0, len(faults), len(seeds))])
        models = parallel(delayed(healthy)(index, seed) for index in range(len(HEALTHY)) for seed in seeds)
        grouped = [models[place : place + len(seeds)] for place in range(0, len(models), len(seeds))]
        rates = parallel(delayed(with_rate)(*one, seed) for one in product(DEPTHS, RATES) for seed in seeds[:10])
    healthy_table(grouped)
    reference_table(grouped)
    harm_table(rates)


if __name__ == "__main__":
    main()
