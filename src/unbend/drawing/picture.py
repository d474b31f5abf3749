"""What every drawing function returns: a finished picture that can be saved, or shown in a notebook."""

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.files import extension, replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True, eq=False)
class Figure:
    """A finished picture; ``canvas`` is the matplotlib figure for those who want to change it."""

    canvas: "Canvas"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture; the ending decides between .png, .svg and .pdf.

        Raises `UnbendError` for another ending or a folder that does not exist. A file is there completely or not at
        all.
        """
        form = extension(path, FORMATS, "a figure")
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same picture gives the same file
        sharp = style.DPI if form == "png" else 1.5 * style.DPI  # of what is an image inside a vector format
        with replacing(path) as temporary, style.settings():
            self.canvas.savefig(temporary, format=form, dpi=sharp, metadata=dates.get(form))

    def png(self) -> bytes:
        """The picture as the bytes of a PNG."""
        buffer = io.BytesIO()
        with style.settings():
            self.canvas.savefig(buffer, format="png")
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()
