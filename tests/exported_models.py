"""Models made by hand for the tests of the exports: every task, levels, hostile names, rows of every kind."""

import numpy as np

from unbend.activations import activation
from unbend.choosing.arms import LINKS
from unbend.choosing.model import Model
from unbend.choosing.preparation import Preparation
from unbend.network import Network
from unbend.randomness import normal

HOSTILE = ("'", '"', '"""', "\\", "a\nb", "</script>", "{x}", "%s", "label", "naïve 年龄", "'''+__import__('os')#")
TASKS = ("binary", "multiclass", "regression")


def model_of(task="binary", name="gelu", hidden=(6, 5), numbers=("age", "income"), levels=("city",), classes=None):
    """A network with random weights; the middle one of three levels was never seen."""
    outputs = 3 if task == "multiclass" else 1
    widths = (len(numbers) + 3 * len(levels), *hidden, outputs)
    network = Network(widths, (activation(name),) * len(hidden), LINKS[task])
    flat = 0.4 * normal(7, "tests/exports", np.arange(network.parameter_count))
    regression = task == "regression"
    preparation = Preparation(
        centre=np.resize([1e6, -2.5], len(numbers)),
        scale=np.resize([3.0, 0.25, np.inf], len(numbers)),
        seen=(np.array([True, False, True]),) * len(levels),
        y_mean=50.0 if regression else 0.0,
        y_scale=12.5 if regression else 1.0,
    )
    return Model(
        network=network,
        weights=network.unflatten(flat.astype(np.float32)),
        preparation=preparation,
        task=task,
        number_names=tuple(numbers),
        level_names=tuple(levels),
        categories=(("Basel", "Bern", "Zug"),) * len(levels),
        class_names=() if regression else tuple(classes or ("no", "yes", "may be"))[: max(outputs, 2)],
        target_name="churn",
        learning_rate=0.01,
        epoch=10,
    )


def rows_of(model, n=60):
    """Numbers and levels as a `Table` has them, and the same rows as columns of raw values by name.

    Every third number is missing; some are huge; levels are known, never seen in training, unknown, or missing.
    """
    wide = len(model.number_names)
    numbers = model.preparation.centre + 4 * normal(3, "tests/rows", np.arange(n * wide)).reshape(n, wide)
    numbers[:4] = np.array([[1e300], [-1e300], [1e9], [-1e-300]])
    numbers[np.arange(n) % 3 == 2] = np.nan
    words = np.array(["Basel", "Bern", "Zug", "Paris", None, ""], object)
    codes = np.arange(n)[:, None] * (1 + np.arange(len(model.level_names))) % len(words)
    levels = np.where(codes < 3, codes, -1).reshape(n, len(model.level_names))
    columns = dict(zip(model.number_names, numbers.T, strict=True))
    columns |= dict(zip(model.level_names, words[codes].T, strict=True))
    return numbers, levels, columns


def answer(model, numbers, levels):
    """What an export has to say about rows: (n, classes) probabilities, or (n,) targets."""
    return model.predict(numbers, levels) if model.task == "regression" else model.predict_proba(numbers, levels)
