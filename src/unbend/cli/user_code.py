"""Functions of the user's own file: found, called, and where they fail told by the line of that file."""

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from unbend.errors import UnbendError, did_you_mean


@dataclass(frozen=True)
class Code:
    """A module of the user's, as it was named, and the folder that its own lines lie in."""

    named: str
    module: ModuleType
    folder: Path

    @property
    def functions(self) -> list[str]:
        """The names of what it defines itself and can be called."""
        own = vars(self.module).items()
        return [name for name, one in own if callable(one) and getattr(one, "__module__", "") == self.module.__name__]

    def find(self, name: str) -> Callable[..., Any]:
        """A function by its name; `UnbendError` names those that there are."""
        found = getattr(self.module, name, None)
        if callable(found):
            return found
        if found is not None:
            raise UnbendError(f"{name!r} in '{self.named}' is of type {type(found).__name__} and no function")
        known = self.functions
        rest = did_you_mean(name, known) if known else "it defines none"
        raise UnbendError(f"there is no function {name!r} in '{self.named}'; {rest}")

    def call(self, name: str, *args: Any) -> Any:
        """What a function returns; what goes wrong in it is an `UnbendError` with the line."""
        function = self.find(name)
        try:
            inspect.signature(function).bind(*args)
        except TypeError as error:
            takes = f"with {len(args)} argument" if args else "without arguments"
            reason = f"{name!r} in '{self.named}' cannot be called {takes} ({error})"
            raise UnbendError(f"{reason}; write a function that can") from None
        except ValueError:  # built in: nobody knows what it takes
            pass
        with _told(self.named, self.folder):
            return function(*args)


def split(target: str) -> tuple[str, str]:
    """The file or module, and the function, of ``model.py:make_model``.

    >>> split("nets/model.py:make_model")
    ('nets/model.py', 'make_model')
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name.isidentifier():
        raise UnbendError(f"{target!r} names no function; write its file and its name, such as model.py:make_model")
    return place, name


def load(place: str) -> Code:
    """The module of a file, or one that can be imported from here; `UnbendError` where that fails."""
    if place.endswith(".py") or Path(place).is_file():
        return _load_file(place)
    sys.path.insert(0, str(Path.cwd()))
    with _told(place, Path.cwd()):
        try:
            module = importlib.import_module(place)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{place}.".startswith(f"{error.name}."):
                raise
            raise UnbendError(f"there is no module {place!r} here; give a file, such as model.py:make_model") from None
    return Code(place, module, Path(module.__file__ or ".").resolve().parent)


def _load_file(place: str) -> Code:
    path = Path(place).resolve()
    if not path.is_file():
        near = [one.name for one in sorted(path.parent.glob("*.py"))[:20]] if path.parent.is_dir() else []
        raise UnbendError(f"there is no file '{place}'; {did_you_mean(path.name, near) if near else 'look for it'}")
    name = f"unbend_check_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UnbendError(f"'{place}' is no Python file; give one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # as import does, for dataclasses and pickles of its classes
    sys.path.insert(0, str(path.parent))
    with _told(place, path.parent):
        spec.loader.exec_module(module)
    return Code(place, module, path.parent)


@contextmanager
def _told(named: str, folder: Path) -> Generator[None]:
    """Turn what the user's code raises into one sentence with the last line of it that was reached."""
    try:
        yield
    except UnbendError as error:
        if not _own_frames(error, folder):
            raise
        raise _sentence(error, named, folder) from None
    except (Exception, SystemExit) as error:
        raise _sentence(error, named, folder) from None


def _own_frames(error: BaseException, folder: Path) -> list[traceback.FrameSummary]:
    frames = traceback.extract_tb(error.__traceback__)
    return [
        one for one in frames
        if folder in Path(one.filename).resolve().parents and "site-packages" not in one.filename
    ]  # fmt: skip


def _sentence(error: BaseException, named: str, folder: Path) -> UnbendError:
    """``model.py, line 12: ZeroDivisionError: division by zero``."""
    frames = _own_frames(error, folder)
    if isinstance(error, SyntaxError) and error.filename:
        place, line = error.filename, error.lineno
    else:
        place, line = (frames[-1].filename, frames[-1].lineno) if frames else (named, None)
    shown = named if Path(place).name == Path(named).name else place
    said = str(error.msg if isinstance(error, SyntaxError) else error).strip().splitlines()
    if isinstance(error, SystemExit):
        said = ["the program ends itself here; put that under if __name__ == '__main__'"]
    what = ": ".join([type(error).__name__, *said[:1]])
    return UnbendError(f"{shown}, line {line}: {what}" if line else f"{shown}: {what}")
