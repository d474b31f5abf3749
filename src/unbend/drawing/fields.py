"""Scores turned into soft colours: what lies under the points of the input space."""

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style

Array = NDArray[np.float64]
SOFTNESS = 0.38  # how much of a class's full colour is left where the network is certain


def sign_colors(score: Array) -> NDArray[np.uint8]:
    """Colours (…, 3) of scores in [-1, 1]: orange, grey where undecided, blue.

    >>> sign_colors(np.array([0.0])).tolist()
    [[232, 234, 235]]
    """
    middle = style.rgb(style.UNDECIDED)
    negative, positive = (np.array(style.soften(color, SOFTNESS)) for color in (style.NEGATIVE, style.POSITIVE))
    score = np.clip(np.nan_to_num(score), -1.0, 1.0)[..., None]
    mixed = middle + np.maximum(score, 0.0) * (positive - middle) + np.maximum(-score, 0.0) * (negative - middle)
    return np.rint(255.0 * mixed).astype(np.uint8)


def class_colors(probabilities: Array) -> NDArray[np.uint8]:
    """Colours (…, 3) of class probabilities (…, k): the winner's soft colour, paler where the network is unsure."""
    classes = probabilities.shape[-1]
    soft = np.array([style.soften(style.class_color(index), SOFTNESS) for index in range(classes)])
    winner = np.argmax(probabilities, axis=-1)
    sure = (np.max(np.nan_to_num(probabilities), axis=-1) - 1.0 / classes) / (1.0 - 1.0 / classes)
    middle = style.rgb(style.UNDECIDED)
    mixed = middle + (0.25 + 0.75 * np.clip(sure, 0.0, 1.0))[..., None] * (soft[winner] - middle)
    return np.rint(255.0 * mixed).astype(np.uint8)


def resized(colors: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """``colors (h, w, 3)`` stretched smoothly to an opaque RGBA picture (height, width, 4)."""
    from PIL import Image

    picture = Image.fromarray(colors).resize((width, height), Image.Resampling.BILINEAR)
    return np.array(picture.convert("RGBA"))
