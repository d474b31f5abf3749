"""The page as a notebook widget, by the anywidget contract."""

from functools import cache
from typing import TYPE_CHECKING, Any

from unbend.errors import UnbendError
from unbend.lab.address import address_of

if TYPE_CHECKING:
    from unbend.recording import Recording


def lab(run: "Recording | None" = None, *, lang: str = "en", **settings: Any) -> Any:
    """The page inside a notebook cell: of a recording, or of a toy with ``settings`` as `unbend.train` takes them.

    Needs ``pip install 'unbend[notebook]'``; `UnbendError` says so where it is missing. Outside a notebook the page
    opens with ``unbend lab`` on the command line.

    >>> widget = lab(data="ring", hidden=(3,), activation="tanh")  # doctest: +SKIP
    """
    recording = b"" if run is None else run_bytes(run)
    return _widget_class()(state=address_of(settings), recording=recording, language=lang)


def run_bytes(run: "Recording") -> bytes:
    """The bytes of the file that ``run.save`` writes."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.unbend"
        run.save(path)
        return path.read_bytes()


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

    return Lab
