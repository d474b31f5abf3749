"""``unbend choose``: which activation, on the user's own table, how sure, and why."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unbend.cli.arguments import folds_of, numbers_of, slug, split_activations, widths_of, writable
from unbend.cli.language import language_option
from unbend.cli.table_options import reading, table_options

if TYPE_CHECKING:
    from unbend.choosing.choice import Choice
    from unbend.choosing.plan import Plan

LARGEST_SEED = 4 * 10**9
USUAL = "relu,leaky_relu,elu,selu,gelu,silu,tanh,sigmoid"


@click.command()
@click.argument("data", nargs=-1, required=True)
@table_options
@click.option("--activations", "--activation", default=USUAL, show_default=True, help="Names or formulas, with commas.")
@click.option("--hidden", default=("32",), multiple=True, show_default=True, help="Hidden widths, such as 64,64.")
@click.option(
    "--init", default=("auto",), multiple=True, show_default=True, help="How weights start; auto: exact gain."
)
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True, help="The budget of every network.")
@click.option("--batch-size", type=click.IntRange(1), default=32, show_default=True)
@click.option("--optimizer", default="adam", show_default=True, help="sgd, adam, adamw or rmsprop.")
@click.option("--learning-rates", help="[default: 1e-4 to 0.316 in half decades]")
@click.option("--cv", help="Folds x repeats [default: 10x10 below 2,000 rows, else 10x3].")
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="Averaged in every split.")
@click.option("--metric", help="accuracy, balanced_accuracy, roc_auc, neg_log_loss, r2, … [default: accuracy, or r2]")
@click.option("--rope", type=float, help="The difference that does not matter [default: 0.01].")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="How rare false alarms are.")
@click.option("--control", is_flag=True, help="Add a hidden twin of the first arm, which must not win.")
@click.option("--why", is_flag=True, help="Try causes out: train losing arms once more with one thing changed.")
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1), help="Processes [default: threads of this one].")
@click.option("--scheduler", help="Address of a Dask scheduler, tcp://…")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="[default: unbend-runs/NAME-PLAN]")
@click.option("--dry-run", is_flag=True, help="Say what would be done, how long it takes and what it could show.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@language_option
def choose(
    data: tuple[str, ...],
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    dry_run: bool,
    as_json: bool,
    lang: str,
    **settings: Any,
) -> int:
    """Which activation is best on DATA, how sure that is, and why.

    DATA is a file with --target, or the name of a toy or a packaged table; several tables are judged together.
    """
    plans = [_plan(one, **settings) for one in data] if len(data) == 1 else _plans(data, **settings)
    _warn(plans, lang)
    if dry_run:
        from unbend.report.choice_estimate import show_estimate

        show_estimate(plans, workers, lang, as_json)
        return 0
    if len(plans) > 1:
        from unbend.choosing.compare import names_of
        from unbend.cli.choose_several import choose_several

        return choose_several(names_of(data), plans, out, workers, scheduler, as_json, lang)
    folder = writable(out or usual_folder(plans[0]))
    return follow(folder, lambda: _carry_out(plans[0], folder, workers, scheduler), as_json, lang)


def _plan(
    data: str,
    target: str | None,
    task: str,
    missing: str,
    encoding: str | None,
    group: str | None,
    time: str | None,
    activations: str,
    hidden: tuple[str, ...],
    init: tuple[str, ...],
    epochs: int,
    batch_size: int,
    optimizer: str,
    learning_rates: str | None,
    cv: str | None,
    seeds: int,
    metric: str | None,
    seed: int,
    **rest: Any,
) -> "Plan":
    from unbend.choosing.choose import plan_choice
    from unbend.choosing.plan import LEARNING_RATES, Protocol

    folds, repeats = folds_of(cv) if cv else (10, None)
    rates = LEARNING_RATES
    if learning_rates:
        rates = tuple(sorted(set(numbers_of(learning_rates, "--learning-rates"))))
    protocol = Protocol(
        epochs=epochs, batch_size=batch_size, optimizer=optimizer, learning_rates=rates, seeds=seeds, folds=folds,
        repeats=repeats, seed=seed, metric=metric,
    )  # fmt: skip
    names = split_activations(activations)
    widths = [widths_of(one, or_none=False) for one in hidden]
    read_as = reading(task, missing, encoding, group, time)
    return plan_choice(data, target, activations=names, hidden=widths, init=init, protocol=protocol, **read_as, **rest)


def _plans(data: tuple[str, ...], target: str | None, **settings: Any) -> "list[Plan]":
    """A plan for each of several tables; the target is that of the files among them."""
    from unbend.choosing.compare import check_alike, names_of
    from unbend.data import names

    plans = [_plan(one, target=None if one in names() else target, **settings) for one in data]
    check_alike(dict(zip(names_of(data), plans, strict=True)))
    return plans


def _warn(plans: "list[Plan]", lang: str) -> None:
    """Say what was noticed in the tables, and what the activations do far out."""
    from unbend.activations import activation
    from unbend.activations.probe import probe_activation
    from unbend.data.notes import Note

    noticed = [note.said(lang) if isinstance(note, Note) else note for plan in plans for note in plan.table.notes]
    for own in dict.fromkeys(arm.activation for arm in plans[0].arms):
        noticed += probe_activation(activation(own), lang)
    for sentence in noticed:
        click.echo(f"unbend: {sentence}", err=True)


def usual_folder(plan: "Plan") -> Path:
    """Where a plan's run lies unless the user says otherwise: the same call finds its own run again."""
    from unbend.choosing.plan import digest_of

    return Path("unbend-runs") / f"{slug(Path(plan.table.origin).stem)}-{digest_of(plan.to_dict())[:8]}"


def _carry_out(plan: "Plan", folder: Path, workers: int | None, scheduler: str | None) -> "Choice":
    from unbend.choosing.choose import carry_out

    return carry_out(plan, folder, workers, scheduler)


def follow(folder: Path, work: "Callable[[], Choice]", as_json: bool, lang: str) -> int:
    """Tell what a run comes to; one that is interrupted tells what it has so far. Returns the exit status."""
    try:
        choice = work()
    except KeyboardInterrupt:
        _tell_part(folder, as_json, lang)
        click.echo(f"unbend: stopped; go on with: unbend resume {folder}", err=True)
        return 130
    tell(choice, folder, as_json, lang)
    return 0 if choice.study.complete else 4


def _tell_part(folder: Path, as_json: bool, lang: str) -> None:
    from unbend.choosing.choose import open_choice
    from unbend.errors import UnbendError

    try:
        tell(open_choice(folder), folder, as_json, lang)
    except UnbendError as error:
        click.echo(f"unbend: {error}", err=True)


def tell(choice: "Choice", folder: Path, as_json: bool, lang: str) -> None:
    """Print a choice, and write its page into the run's folder."""
    from unbend.report.choice_page import write_report

    page = folder / "report.html"
    write_report(choice, page)
    if as_json:
        click.echo(json.dumps(choice.to_dict(), ensure_ascii=False, allow_nan=False))
        return
    from unbend.report.choice_terminal import show_choice

    show_choice(choice, lang)
    click.echo(page)
