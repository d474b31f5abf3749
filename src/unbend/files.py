"""Files that are there completely or not at all: written beside the target, then moved into its place."""

import errno
import os
import platform
import re
import shutil
import threading
import time
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from unbend.errors import UnbendError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PART = re.compile(r"\.(?P<host>[0-9a-f]{8})-(?P<process>\d+)-\d+\.part")
OLD_SECONDS = 3600.0  # no file takes an hour to write


@contextmanager
def replacing(path: str | os.PathLike[str], again: str = "") -> Generator[Path]:
    """A temporary path beside ``path`` to write to; moved to ``path`` at the end, removed if anything goes wrong.

    Raises `UnbendError` if the folder does not exist or cannot be written, or the disk is full; ``again`` says how to
    go on when that is mended.

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
    writer = f"{_host()}-{os.getpid()}-{threading.get_native_id()}"
    temporary = target.with_name(f".{target.stem}.{writer}.part{target.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as error:
        raise cannot_write(target, error, again) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def cannot_write(target: Path, error: OSError, again: str = "") -> UnbendError:
    """What is said where a file cannot be written; ``again`` as in `replacing`.

    >>> cannot_write(Path("a.txt"), OSError(errno.ENOSPC, ""), "run: unbend resume run")
    UnbendError("the disk is full while writing 'a.txt'; free some space and run: unbend resume run")
    """
    if error.errno in FULL:
        return UnbendError(f"the disk is full while writing '{target}'; free some space and {again or 'try again'}")
    mend = f"make the folder writable and {again}" if again else "choose another place"
    return UnbendError(f"cannot write '{target}': {error.strerror or error}; {mend}")


def clear_parts(folder: Path) -> None:
    """Remove what writers have left half done in a folder: those of this computer that are gone, and hour-old ones.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / f".a.{_host()}-99999999-1.part.txt").write_text("ha")
    ...     clear_parts(Path(folder))
    ...     list(Path(folder).iterdir())
    []
    """
    for path in folder.glob(".*.part*"):
        found = PART.search(path.name)
        with suppress(OSError):  # the writer may end, or another may clear, at this very moment
            gone = found and found["host"] == _host() and not _runs(int(found["process"]))
            if found and (gone or time.time() - path.stat().st_mtime > OLD_SECONDS):
                path.unlink()


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _runs(process: int) -> bool:
    """Whether a process of this computer still runs; yes where the system has no harmless way to ask."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


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
        raise cannot_write(target, error) from error
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
