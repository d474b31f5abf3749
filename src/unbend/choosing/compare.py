"""The same arms chosen on several tables, and one verdict over all of them."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from unbend import data
from unbend.choosing.choice import Choice
from unbend.choosing.choose import carry_out, plan_choice
from unbend.choosing.plan import Plan
from unbend.choosing.several import SeveralVerdict
from unbend.choosing.several import compare as judge_tables
from unbend.errors import UnbendError


def compare(
    sources: "Mapping[str, Any] | Sequence[str | Path]",
    target: str | None = None,
    *,
    out: "str | Path | None" = None,
    workers: int | None = None,
    scheduler: str | None = None,
    **settings: Any,
) -> SeveralVerdict:
    """Which activation is best on tables like these.

    ``sources``: files or names of data sets, or anything that `choose` takes, by name; ``target`` and ``settings`` are
    the same for all. ``out``: a folder that gets a run's folder for each. Raises `UnbendError` for fewer than two.

    >>> from unbend.choosing.plan import Protocol
    >>> quick = Protocol(epochs=20, learning_rates=(0.01, 0.1), seeds=1, folds=3, repeats=1)
    >>> verdict = compare(["xor", "circles"], activations=["identity", "tanh"], hidden=[(4,)], protocol=quick)
    >>> verdict.best, verdict.enough_tables
    ('tanh', False)
    """
    named = dict(sources) if isinstance(sources, Mapping) else dict(zip(names_of(sources), sources, strict=True))
    if len(named) < 2:
        raise UnbendError(f"tables to compare: {len(named)}; give two or more")
    plans = {
        name: plan_choice(one, _target(one, target), **settings)  # all tables are read before any is trained on
        for name, one in named.items()
    }
    check_alike(plans)
    if out is not None:
        return verdict_over(carry_out_all(plans, Path(out), workers, scheduler))
    with tempfile.TemporaryDirectory(prefix="unbend-") as folder:
        return verdict_over(carry_out_all(plans, Path(folder), workers, scheduler))


def check_alike(plans: Mapping[str, Plan]) -> None:
    """Raise `UnbendError` before anything is trained where tables are not scored by the same metric."""
    metrics = {name: plan.metric.name for name, plan in plans.items()}
    if len(set(metrics.values())) > 1:
        said = ", ".join(f"{name!r} by {metric}" for name, metric in metrics.items())
        raise UnbendError(
            f"tables are compared by one metric, and these are scored differently: {said}; leave some out"
        )


def carry_out_all(
    plans: Mapping[str, Plan], folder: Path, workers: int | None = None, scheduler: str | None = None
) -> dict[str, Choice]:
    """Run every plan in a folder of its own."""
    return {name: carry_out(plan, folder / name, workers, scheduler) for name, plan in plans.items()}


def verdict_over(choices: Mapping[str, Choice]) -> SeveralVerdict:
    """The verdict over tables; hidden twins take no part in it."""
    scores = {name: choice.study.scores.of(choice.study.plan.originals) for name, choice in choices.items()}
    first = next(iter(choices.values())).study.plan.judgement if choices else None
    if first is None:
        raise UnbendError("there are no tables to compare; name two or more")
    return judge_tables(scores, first.rope, first.alpha)


def names_of(sources: "Sequence[str | Path]") -> list[str]:
    """A name for each file or data set; those that would be alike are numbered.

    >>> names_of(["a/clients.csv", "b/clients.csv", "iris"])
    ['clients', 'clients-2', 'iris']
    """
    given: Any = sources
    if isinstance(given, str | Path) or not isinstance(given, Sequence):
        raise UnbendError(f"{given!r:.60} is no list of tables; give two or more, such as ['iris', 'wine']")
    if others := [type(source).__name__ for source in given if not isinstance(source, str | Path)]:
        raise UnbendError(
            f"a {others[0]} in a list of tables has no name; give them by name, such as {{'first': one, 'second': two}}"
        )
    found: list[str] = []
    for source in sources:
        stem = Path(source).stem
        taken = sum(name == stem or name.startswith(f"{stem}-") for name in found)
        found.append(f"{stem}-{taken + 1}" if stem in found else stem)
    return found


def _target(source: Any, target: str | None) -> str | None:
    return None if isinstance(source, str) and source in data.names() else target
