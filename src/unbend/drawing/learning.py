"""How the networks of every arm of a choice learn: training and validation loss over the epochs."""

import numpy as np

from unbend.choosing.choice import Choice
from unbend.drawing import style
from unbend.drawing.multiples import multiples
from unbend.drawing.picture import Figure
from unbend.drawing.rates import in_order
from unbend.drawing.rows import finished
from unbend.drawing.words import Words


def learning_figure(choice: Choice, lang: str = "en") -> Figure:
    """Mean loss with the chosen learning rate: on validation rows (blue) and training rows (orange, dashed).

    The upright line stands where 90 % of the way to the best validation loss is done.
    """
    from matplotlib.ticker import MaxNLocator, NullLocator, ScalarFormatter

    words, found = Words(lang), in_order(choice)
    with style.settings():
        canvas, panels = multiples([one.activation for one in found], words("epochs_axis"), words("loss"))
        top = _top(np.concatenate([[one.train_loss, one.validation_loss] for one in found]))
        for axes, one in zip(panels, found, strict=True):
            axes.set_xscale("symlog", linthresh=1, linscale=0.4)
            axes.plot(one.epochs, one.train_loss, color=style.NEGATIVE, linewidth=2, linestyle=(0, (4, 2)))
            axes.plot(one.epochs, one.validation_loss, color=style.POSITIVE, linewidth=2)
            if np.isfinite(one.epochs_to_90):
                axes.axvline(one.epochs_to_90, color=style.QUIET, linewidth=1.1, linestyle=(0, (1, 2)))
            axes.set(ylim=(0, top), xlim=(0, max(1, int(one.epochs[-1]))))
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(ScalarFormatter())
        return finished(canvas)


def _top(losses: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
    """Above where most arms begin; one that explodes leaves its chart at the top."""
    starts = losses[:, 0][np.isfinite(losses[:, 0])]
    return 1.25 * float(np.median(starts)) if len(starts) and np.median(starts) > 0 else 1.0
