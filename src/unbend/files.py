"""Files that are there completely or not at all: written beside the target, then moved into its place."""

import os
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
