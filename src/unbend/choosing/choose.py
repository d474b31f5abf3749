"""The whole way from a table to a `Choice`: plan, run, baselines, verdict, reasons; and back from a run's folder."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from unbend.choosing.arms import arms
from unbend.choosing.baselines import baselines, read_baselines, write_baselines
from unbend.choosing.choice import Choice
from unbend.choosing.conclude import conclude, verdict_of
from unbend.choosing.engine import run
from unbend.choosing.interventions import read_interventions, why_plan
from unbend.choosing.metrics import metric_of, usual_rope
from unbend.choosing.plan import Judgement, Plan, Protocol, make_plan, planned
from unbend.choosing.source import read, read_again, source_of
from unbend.choosing.store import check_plan, read_plan, shard_path
from unbend.choosing.study import Study, read_study
from unbend.choosing.why import Intervention
from unbend.errors import DataError, UnbendError, did_you_mean

FEWEST_ROWS = 20
SETTINGS = (
    "activations",
    "hidden",
    "init",
    "control",
    "why",
    "protocol",
    "rope",
    "alpha",
    "out",
    "workers",
    "scheduler",
)
READING = ("task", "missing", "encoding", "group", "time")
PROTOCOL = tuple(Protocol.__dataclass_fields__)
WHY = "why"  # the folder, inside a run's own, of the networks that try causes out
ACTIVATIONS = ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid")


def choose(
    source: Any,
    target: str | None = None,
    *,
    out: "str | Path | None" = None,
    workers: int | None = None,
    scheduler: str | None = None,
    **settings: Any,
) -> Choice:
    """Which activation is best on a table, how sure that is, and why.

    ``source``: a file's path, the name of a data set, a dataframe, the arrays (X, y) or a `Dataset`; ``settings`` as in
    `plan_choice`. ``out``: the folder of the run; a run that is there already is gone on with. ``workers`` and
    ``scheduler`` as in `unbend.choosing.engine.run`. Raises `DataError` with every fault of the table.

    >>> import unbend as ub
    >>> quick = Protocol(epochs=30, learning_rates=(0.01, 0.1), seeds=1, folds=3, repeats=1)
    >>> choice = choose(ub.data.xor(n=120), activations=["identity", "tanh"], hidden=[(4,)], protocol=quick)
    >>> choice.verdict.best
    'tanh'
    """
    plan = plan_choice(source, target, **settings)
    if out is not None:
        return carry_out(plan, Path(out), workers, scheduler)
    with tempfile.TemporaryDirectory(prefix="unbend-") as folder:
        return carry_out(plan, Path(folder), workers, scheduler)


def plan_choice(
    source: Any,
    target: str | None = None,
    *,
    activations: Sequence[Any] = ACTIVATIONS,
    hidden: Sequence[Sequence[int]] = ((32,),),
    init: Sequence[str] = ("auto",),
    control: bool = False,
    why: bool = False,
    protocol: Protocol | None = None,
    rope: float | None = None,
    alpha: float = 0.05,
    **reading: Any,
) -> Plan:
    """What `choose` would do, before anything runs.

    ``activations`` (names, formulas, functions), ``hidden`` widths and ``init`` make the arms; ``control`` adds a
    hidden twin of the first, ``why`` tries causes out. ``rope``: the difference that does not matter, 0.01 of the
    usual metrics. ``reading`` (task, missing, encoding, group, time) as in `unbend.data.tabular.tabular`.
    """
    _check(activations, hidden, init, protocol, reading)
    table = read(source, target, reading)
    if len(table) < FEWEST_ROWS:
        raise DataError(
            f"{table.origin}: {len(table)} rows can tell activations apart by luck alone; give {FEWEST_ROWS} or more"
        )
    competitors, chosen = arms(activations, hidden, init, control), protocol or Protocol()
    if not all(arm.hidden for arm in competitors):
        raise UnbendError("without a hidden layer there is no activation to compare; give widths such as 32")
    if len(competitors) - bool(control) < 2:
        raise UnbendError(f"{competitors[0].name!r} alone cannot be compared; name two activations or more")
    metric = metric_of(chosen.metric, table.task)
    judgement = Judgement(usual_rope(metric, float(table.y.std())) if rope is None else rope, alpha, why)
    return make_plan(table, competitors, chosen, judgement, source_of(source, target, reading))


def _check(activations: Any, hidden: Any, init: Any, protocol: Any, reading: dict[str, Any]) -> None:
    """Refuse settings of no or another name, and single things where several are wanted."""
    for name in reading:
        if name in PROTOCOL:
            raise UnbendError(f"{name}= belongs to the protocol: protocol=unbend.choosing.plan.Protocol({name}=...)")
        if name not in READING:
            raise UnbendError(f"there is no setting {name!r}; {did_you_mean(name, (*SETTINGS, *READING))}")
    if isinstance(activations, str) or not isinstance(activations, Iterable):
        raise UnbendError(f"activations={activations!r:.60} must be a list of two or more, such as ['relu', 'tanh']")
    shapes = list(hidden) if isinstance(hidden, Iterable) else []
    if isinstance(hidden, str) or not shapes or not all(isinstance(one, list | tuple) for one in shapes):
        raise UnbendError(f"hidden={hidden!r:.60} must be a list of architectures, such as [(32,)] or [(8,), (8, 8)]")
    if isinstance(init, str) or not isinstance(init, Iterable):
        raise UnbendError(
            f"init={init!r:.60} must be a list of ways to start, such as ['auto'] or ['auto', 'he_normal']"
        )
    if protocol is not None and not isinstance(protocol, Protocol):
        raise UnbendError(
            f"protocol={protocol!r:.60} must be an unbend.choosing.plan.Protocol, such as Protocol(epochs=50)"
        )


def resume(folder: "str | Path", workers: int | None = None, scheduler: str | None = None) -> Choice:
    """Finish the run in a folder; raises `UnbendError` where its data or its plan has changed."""
    return carry_out(plan_in(Path(folder)), Path(folder), workers, scheduler)


def open_choice(folder: "str | Path") -> Choice:
    """What a run has come to so far; nothing is trained.

    Raises `UnbendError` where fewer than two splits are complete.
    """
    plan = plan_in(Path(folder))
    return _told(plan, Path(folder))


def plan_in(folder: Path) -> Plan:
    """The plan of a run, its table read again; `UnbendError` where the data has changed."""
    said = read_plan(folder)
    plan = planned(said, read_again(said.get("source")))
    check_plan(folder, plan)
    return plan


def carry_out(plan: Plan, folder: Path, workers: int | None = None, scheduler: str | None = None) -> Choice:
    """Run what is missing of a plan and conclude."""
    run(plan, folder, workers, scheduler)
    if not read_baselines(folder):
        write_baselines(folder, baselines(plan, workers))
    if plan.judgement.why and (more := _more(read_study(plan, folder))) is not None:
        run(more, folder / WHY, workers, scheduler)
    return _told(plan, folder)


def _told(plan: Plan, folder: Path) -> Choice:
    study = read_study(plan, folder)
    return conclude(study, read_baselines(folder), _interventions(study, folder / WHY))


def _interventions(study: Study, folder: Path) -> tuple[Intervention, ...]:
    """What came of the causes that were tried out; nothing as long as that is not done."""
    more = _more(study) if folder.exists() else None
    if more is None or not all(shard_path(folder, more.key(*shard)).exists() for shard in more.shards):
        return ()
    return read_interventions(study, read_study(more, folder))


def _more(study: Study) -> Plan | None:
    return why_plan(study, verdict_of(study))
