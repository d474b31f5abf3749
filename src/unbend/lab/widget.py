"""The page as a notebook widget, by the anywidget contract."""

import sys
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from unbend.errors import UnbendError
from unbend.lab.address import address_of

if TYPE_CHECKING:
    from unbend.recording import Recording


def lab(run: "Recording | None" = None, *, lang: str = "en", **settings: Any) -> Any:
    """The page inside a notebook cell: of a recording, or of a toy with ``settings`` as `unbend.train` takes them.

    Outside a notebook the page opens with ``unbend lab`` on the command line, which a warning says. Needs
    ``pip install 'unbend[notebook]'``; `UnbendError` where it is missing, or where a setting is unknown.

    >>> lab(data="rinng")
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: the lab has no data 'rinng', but its page takes your own; did you mean 'ring'?
    """
    if lang not in ("en", "zh"):
        raise UnbendError(f"the lab has no language {lang!r}; known are en, zh")
    if run is not None and settings:
        raise UnbendError(f"a recording has its own settings; leave out {', '.join(settings)}, or leave out the run")
    state = address_of(settings)
    widget = _widget_class()(state=state, recording=b"" if run is None else run_bytes(run), language=lang)
    if not _in_notebook():
        warnings.warn("ub.lab is shown in a notebook alone; elsewhere run: unbend lab", stacklevel=3)
    return widget


def run_bytes(run: "Recording") -> bytes:
    """The bytes of the file that ``run.save`` writes."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.unbend"
        run.save(path)
        return path.read_bytes()


def _in_notebook() -> bool:
    """Whether somebody shows widgets here: a kernel of Jupyter or Colab, or marimo."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel") or "marimo" in sys.modules


@cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise UnbendError("the lab in a notebook needs anywidget: pip install 'unbend[notebook]'") from None
    from unbend.lab.document import script

    class Lab(anywidget.AnyWidget):
        """The lab; ``state`` is what its address would hold, and follows what is done on the page."""

        _esm = f"{script()}\nexport default {{ render: unbendLab().render }};\n"
        state = traitlets.Unicode("").tag(sync=True)
        recording = traitlets.Bytes(b"").tag(sync=True)
        language = traitlets.Unicode("en").tag(sync=True)

        def __repr__(self) -> str:
            return f"the lab with {self.state or 'what it begins with'}"

    return Lab
