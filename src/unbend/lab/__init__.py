"""The page where one bends space by hand: in a browser, in a file, in a notebook.

The room has the name of what it offers, so the room itself can be called: ``unbend.lab(run)`` is the widget, however
and in whatever order the modules of the room were imported.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unbend.recording import Recording


class _Lab(ModuleType):
    def __call__(self, run: "Recording | None" = None, *, lang: str = "en", **settings: Any) -> Any:
        """The page inside a notebook cell; see `unbend.lab.widget.lab`."""
        from unbend.lab.widget import lab

        return lab(run, lang=lang, **settings)


sys.modules[__name__].__class__ = _Lab
