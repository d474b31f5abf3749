"""Which units of every layer of a watched model are dead or dormant now, as a strip from its first to its last."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.health_rows import layer_rows, separate
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words
from unbend.watching.measure import LayerMeasure

COLUMNS = 600  # of the picture; of units that share a column the worst is seen
ALIVE, DORMANT, DEAD = "#c9e2f3", style.NEGATIVE, "#6b2c00"
ABOVE = 0.4  # inches for the legend


def units_figure(layers: Sequence[LayerMeasure], lang: str = "en") -> Figure | None:
    """A row for each layer, cut into its units; at the right, how many are dead. None where all units are alive."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    if not any(layer.dead_units or layer.dormant_units for layer in layers):
        return None
    words = Words(lang)
    said = ["–" if np.isnan(layer.dead) else f"{len(layer.dead_units)}/{layer.units}" for layer in layers]
    with style.settings():
        canvas, axes = layer_rows([layer.name for layer in layers], said, ABOVE, words)
        axes.imshow(
            np.stack([_strip(layer) for layer in layers]), extent=(0, 1, len(layers) - 0.5, -0.5), aspect="auto",
            interpolation="nearest", cmap=ListedColormap([ALIVE, DORMANT, DEAD]), vmin=0, vmax=2,
        )  # fmt: skip
        separate(axes, len(layers))
        axes.set_xticks([0, 1], [words("health_first"), words("health_last")])
        axes.get_xticklabels()[0].set_horizontalalignment("left")
        axes.get_xticklabels()[1].set_horizontalalignment("right")
        parts = [(ALIVE, "health_alive"), (DORMANT, "health_dormant"), (DEAD, "health_dead_unit")]
        canvas.legend(
            handles=[Patch(facecolor=color, label=words(key)) for color, key in parts], loc="upper right", ncols=3,
            frameon=False, fontsize=style.TICK, handlelength=1.1, handleheight=1.0, columnspacing=1.2,
            bbox_to_anchor=(axes.get_position().x1, 1.0), borderaxespad=0.1,
        )  # fmt: skip
    return Figure(canvas)


def _strip(layer: LayerMeasure) -> NDArray[np.float64]:
    """(COLUMNS,) 0 where units are alive, 1 dormant, 2 dead; NaN: not measured."""
    if np.isnan(layer.dead):
        return np.full(COLUMNS, np.nan)
    units = np.zeros(max(1, layer.units))
    units[list(layer.dormant_units)] = 1
    units[list(layer.dead_units)] = 2
    if len(units) <= COLUMNS:
        return units[np.arange(COLUMNS) * len(units) // COLUMNS]
    edges = np.arange(COLUMNS) * len(units) // COLUMNS
    return np.maximum.reduceat(units, edges)
