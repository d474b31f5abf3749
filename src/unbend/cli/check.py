"""``unbend check model.py:make_model``: is a model healthy as it starts, and after a short training; for CI."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unbend.cli.language import language_option
from unbend.cli.user_code import Code, load, split
from unbend.errors import UnbendError
from unbend.files import extension
from unbend.text import Text

if TYPE_CHECKING:
    from unbend.watching import Health, History, Watch
    from unbend.watching.checking import Broken
    from unbend.watching.conditions import Condition

FAILED = Text(en="Failed:", zh="未通过：")
PASSED = Text(en="Passed: none of these holds: {conditions}.", zh="通过：以下条件均不成立：{conditions}。")
BEFORE = Text(en="before training, ", zh="训练前，")
AFTER = Text(en="after {steps} steps, ", zh="{steps} 步之后，")
EVERY = 10  # steps between looks: a check is there to see, and its training is short
KEYS = ("model", "probe")


@click.command()
@click.argument("target", metavar="FILE.py:FUNCTION")
@click.option("--probe", metavar="FILE", type=click.Path(path_type=Path), help="Inputs: .npy, .npz, .csv, .parquet.")
@click.option("--train", metavar="FUNCTION", help="train(model) of the same file, or FILE.py:FUNCTION.")
@click.option(
    "--fail-on", metavar="CONDITION", multiple=True, help="What must not be; may be given often. [default: alarm]"
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the page, .html.")
@click.option(
    "--json", "as_json", type=click.Path(dir_okay=False, path_type=Path), help="Also write all numbers, .json."
)
@language_option
def check(
    target: str, probe: Path | None, train: str | None, fail_on: tuple[str, ...], report: Path | None,
    as_json: Path | None, lang: str,
) -> int:  # fmt: skip
    """Check that a model is healthy as it starts and, with --train, also after a short training.

    FUNCTION takes nothing and returns the model of PyTorch, Keras or scikit-learn; or (model, probe); or a dict of
    them. The probe, 64 to 256 rows of training inputs as the model takes them, may also come from --probe, or from a
    function make_probe in the same file; without one it is the first batch of --train.

    \b
    A CONDITION is one of
      'dead>0.2'  a share or number of the hidden layers: dead, saturated,
                  saturated_units, dormant, constant, mean, spread,
                  output_spread, gradient, time_ratio, rank
      'update>0.1', 'gradient_ratio<1e-3'
      alarm, warning, note: a finding at least as bad
    in quotes, since a shell takes > for the name of a file. NaN and Inf in
    the model always fail.

    \b
    Exit status
      0  healthy: no condition holds
      1  a condition holds; printed are which, in which layer, and the value
      2  a bad call, or an exception in FILE.py, told by its line
      3  a probe file that cannot be used
    """
    from unbend.watching.conditions import conditions

    wanted = conditions(fail_on or ("alarm",))
    _refuse_places(report, as_json)
    place, name = split(target)
    code = load(place)
    trainer = None if train is None else _trainer(code, train)
    model, inputs = _made(code, name, probe)
    if inputs is None and trainer is None:
        raise UnbendError(
            f"there is no probe to send through the model; return (model, probe) from {name!r}, write a function "
            "make_probe, or give --probe X.npy"
        )
    watch, failed = _looked(model, inputs, trainer, wanted)
    click.echo(watch.summary(lang))
    click.echo("\n" + "\n".join(_verdict(failed, wanted, lang)))
    if report is not None:
        watch.report(report)
    if as_json is not None:
        watch.to("json", as_json, lang)
    return 1 if failed else 0


def _refuse_places(report: Path | None, as_json: Path | None) -> None:
    """Better known before the training than after it."""
    for path, ending, what in ((report, "html", "the report"), (as_json, "json", "the numbers")):
        if path is not None:
            extension(path, (ending,), what)
            if not path.parent.is_dir():
                raise UnbendError(f"cannot write '{path}': the folder '{path.parent}' does not exist; make it first")


def _trainer(code: Code, train: str) -> tuple[Code, str]:
    """The module and the name of a function that trains; looked up before anything is made."""
    place, name = split(train) if ":" in train else (code.named, train)
    found = code if place == code.named else load(place)
    found.find(name)
    return found, name


def _made(code: Code, name: str, probe: Path | None) -> tuple[Any, Any]:
    """The model and its probe, None if there is none."""
    made = code.call(name)
    inputs = None
    if isinstance(made, dict):
        if "model" not in made or set(made) - set(KEYS):
            raise UnbendError(f"{name!r} in '{code.named}' returned a dict with the keys {', '.join(map(str, made))}; "
                              f"'model' is needed, and 'probe' may be there")  # fmt: skip
        made, inputs = made["model"], made.get("probe")
    elif isinstance(made, tuple):
        if len(made) != 2:
            raise UnbendError(f"{name!r} in '{code.named}' returned {len(made)} values; return (model, probe)")
        made, inputs = made
    if made is None:
        raise UnbendError(f"{name!r} in '{code.named}' returned nothing; end it with: return model")
    if probe is not None:
        from unbend.cli.probe_file import read_probe

        return made, read_probe(probe)
    if inputs is None and "make_probe" in code.functions:
        inputs = code.call("make_probe")
    return made, inputs


def _looked(
    model: Any, inputs: Any, trainer: tuple[Code, str] | None, wanted: "tuple[Condition, ...]"
) -> "tuple[Watch, list[tuple[Text | None, Broken]]]":
    """The watch of a model, with all that is broken before its training and after it, and when."""
    from unbend.watching import watch
    from unbend.watching.checking import judged, unmeasured

    watched = watch(model, inputs, EVERY)
    if trainer is None:
        found, missing = judged(wanted, watched.health, watched.history)
        failed: list[tuple[Text | None, Broken]] = [(None, one) for one in found]
    else:
        with watched:
            trainer[0].call(trainer[1], model)
        if not watched.steps:
            raise UnbendError(f"{trainer[1]!r} made no step that updates the model it was given; train that one in it")
        after = AFTER.fill({"steps": f"{watched.steps:,}"})
        found, missing = judged(wanted, watched.health, watched.history)
        first, missing_first = judged(wanted, *_start(watched))
        failed = [*((BEFORE, one) for one in first), *((after, one) for one in found)]
        missing = [one for one in missing if one in missing_first]
    if missing:
        raise unmeasured(missing)
    return watched, failed


def _start(watched: "Watch") -> "tuple[Health, History]":
    """The diagnosis of the first sample alone, and that sample."""
    from unbend.watching import History, diagnose

    history = History(samples=watched.history.samples[:1])
    overhead = replace(watched.overhead, steps=0, samples=1)
    return diagnose(watched.name, history, watched.theory, overhead, watched.notices), history


def _verdict(failed: "list[tuple[Text | None, Broken]]", wanted: "tuple[Condition, ...]", lang: str) -> list[str]:
    if not failed:
        names = {"conditions": ", ".join(one.text for one in wanted)}
        return [PASSED.fill(names)(lang)]
    return [FAILED(lang), *(f"✗ {when(lang) if when else ''}{one.text(lang)}" for when, one in failed)]
