"""Files that are there completely or not at all: written beside the target, then moved into its place."""

import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from unbend.errors import UnbendError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Generator[Path]:
    """A temporary path beside ``path`` to write to; moved to ``path`` at the end, removed if anything goes wrong.

    Raises `UnbendError` if the folder does not exist or cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("whole")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise UnbendError(f"cannot write '{target}': the folder '{target.parent}' does not exist; make it first")
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as error:
        raise UnbendError(f"cannot write '{target}': {error.strerror or error}; choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: str | os.PathLike[str]) -> Generator[Path]:
    """A temporary folder beside ``path`` to fill; it becomes ``path`` at the end and is removed if anything goes wrong.

    Raises `UnbendError` if something is there already (an empty folder is not), or the place cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing_folder(Path(folder) / "all") as temporary:
    ...         _ = (temporary / "a.txt").write_text("whole")
    ...     [file.relative_to(folder).as_posix() for file in Path(folder).rglob("*.txt")]
    ['all/a.txt']
    """
    target = Path(path).absolute()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise UnbendError(f"'{path}' is there already; choose another place, or remove it first")
    if not target.parent.is_dir():
        raise UnbendError(f"cannot write '{path}': the folder '{target.parent}' does not exist; make it first")
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        temporary.mkdir()
        yield temporary
        if target.exists():
            target.rmdir()
        temporary.rename(target)
    except OSError as error:
        raise UnbendError(f"cannot write '{path}': {error.strerror or error}; choose another place") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def extension(path: str | os.PathLike[str], allowed: Sequence[str], what: str) -> str:
    """The ending of ``path`` in lower case, one of ``allowed``; `UnbendError` names the endings that are.

    >>> extension("last.SVG", ("png", "svg"), "a figure")
    'svg'
    """
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in allowed:
        names = ", ".join(f".{name}" for name in allowed)
        said = f"the ending '.{ending}'" if ending else "no ending"
        raise UnbendError(f"cannot save {what} as '{Path(path).name}': it has {said}; use one of {names}")
    return ending
