"""The rim of the command line: finds the command, and turns every failure into a sentence and an exit status.

Exit status 2: the call was wrong; 3: the data cannot be used as it is; 1: a claim failed; 130: interrupted.
"""

import contextlib
import io
import os
import sys
import warnings
from importlib import import_module

import click

from unbend.errors import UnbendError, did_you_mean

COMMANDS = {
    "card": "Everything about one activation function, computed.",
    "doctor": "What a table is, and all that is wrong with it.",
    "see": "Train, and show what the activations do to space.",
    "choose": "Which activation is best on your table, how sure that is, and why.",
    "resume": "Go on with a run of choose that was interrupted.",
    "report": "Write the page of a run.",
    "export": "Hand a run over: CSV, MLflow, TensorBoard, ONNX, code.",
    "check": "Is your own model healthy? An exit status for CI.",
    "lab": "Bend space by hand, in the browser.",
    "explain": "Give one lesson: text, numbers, pictures.",
    "tour": "Run the lessons and check every claim.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            raise UnbendError(f"there is no command {cmd_name!r}; {did_you_mean(cmd_name, list(COMMANDS))}")
        return getattr(import_module(f"unbend.cli.{cmd_name}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="unbend")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """See what an activation function does to space, with numbers."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command line and leave with its exit status."""
    warnings.showwarning = _say_warning
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese shows ?, and the work goes on
    status = run(sys.argv[1:])
    with contextlib.suppress(OSError):  # whoever read our output may be gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)  # all files are closed by now; taking every library apart would cost a third of a second


def run(arguments: list[str]) -> int:
    """The exit status of a call; failures are said in one sentence on standard error.

    >>> run(["see"])
    2
    """
    try:
        status = cli.main(arguments, prog_name="unbend", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.UsageError as error:
        asked = error.ctx.command_path if error.ctx else "unbend"
        return _say(f"{error.format_message()} Try '{asked} --help'.", 2)
    except UnbendError as error:
        return _say(str(error), error.exit_status)
    except (KeyboardInterrupt, click.Abort):
        return _say("stopped", 130)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}", 2)
    except MemoryError as error:
        return _say(f"there is not enough memory ({error or 'no more'}); try fewer seeds or narrower layers", 2)


def _say(sentence: str, status: int) -> int:
    click.echo(f"unbend: {sentence}", err=True)
    return status


def _say_warning(message: Warning | str, *_: object, **__: object) -> None:
    click.echo(f"unbend: {message}", err=True)
