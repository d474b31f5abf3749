"""The interquartile mean over data sets, with an interval for these very data sets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.randomness import uniform

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InterquartileMean:
    """The mean of the middle half (k,) of the data sets' scores for each arm, and the ends ``low``, ``high`` (k,) of
    its 95 % interval."""

    value: Floats
    low: Floats
    high: Floats


def interquartile_mean(
    scores: Sequence[Floats], ratios: Sequence[float], samples: int = 2000, seed: int = 0
) -> InterquartileMean:
    """The interquartile mean of k arms over data sets with a stratified bootstrap (Agarwal et al. 2021).

    ``scores``: for every data set an array (k, J) over its J splits; ``ratios``: for every data set n_test / n_train.
    Splits are drawn anew within each data set, the same ones for every arm. They share training rows, so a drawn mean
    strays by too little; its deviation is widened to the variance of Nadeau & Bengio (2003), s² (1/J + n_test /
    n_train). The interval is that of the data sets given, not of others like them. Raises `UnbendError` where the data
    sets do not have the same arms, two splits or a ratio each.

    >>> found = interquartile_mean([np.array([[0.5, 0.7]]), np.array([[0.8, 0.8]])], [0.1, 0.1])
    >>> found.value.round(3).tolist(), bool(found.low[0] < 0.7 < found.high[0])
    ([0.7], True)
    """
    if not scores or len(scores) != len(ratios) or len({len(one) for one in scores}) > 1:
        raise UnbendError("interquartile_mean needs data sets with the same arms, and a ratio for each")
    if any(one.ndim != 2 or one.shape[1] < 2 or not np.isfinite(one).all() for one in scores):
        raise UnbendError("interquartile_mean needs finite scores (arms, splits) with two splits or more")
    means = np.stack([one.mean(axis=1) for one in scores])
    drawn = [
        _drawn(one, ratio, samples, seed, f"{place}")
        for place, (one, ratio) in enumerate(zip(scores, ratios, strict=True))
    ]
    low, high = np.quantile(_middle(np.stack(drawn)), [0.025, 0.975], axis=-1)
    return InterquartileMean(_middle(means), low, high)


def _drawn(scores: Floats, ratio: float, samples: int, seed: int, name: str) -> Floats:
    """(k, samples) means of splits drawn with replacement, at the spread that splits with shared rows have."""
    splits = scores.shape[1]
    numbers = uniform(seed, f"statistics/bootstrap/{name}", np.arange(samples * splits)).reshape(samples, splits)
    mean = scores.mean(axis=1, keepdims=True)
    drawn = (scores - mean)[:, (numbers * splits).astype(np.int64)].mean(axis=-1)
    return mean + drawn * np.sqrt((1 + splits * ratio) * splits / (splits - 1))


def _middle(values: Floats) -> Floats:
    """The mean without a quarter of the data sets (whole ones, rounded down) at either end, along the first axis."""
    cut = len(values) // 4
    return np.sort(values, axis=0)[cut : len(values) - cut].mean(axis=0)
